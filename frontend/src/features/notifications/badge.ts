/** How the tab's icon and title say that somebody is needed; they work on every address, without permission. */

/** The mark with or without a number: the open conversation sets its own as soon as it knows. */
const TITLE_MARK = /^(?:\(\d+\) )?▲ /;

/** The title with the number of conversations that wait in front. */
export function withCount(title: string, count: number): string {
  const plain = title.replace(TITLE_MARK, "");
  return count > 0 ? `(${count}) ▲ ${plain}` : plain;
}

/** Keeps the number in the title, whoever changes the title; the answer ends that. */
export function markTitle(count: number): () => void {
  const apply = () => {
    const wanted = withCount(document.title, count);
    if (document.title !== wanted) document.title = wanted;
  };
  apply();
  const observer = new MutationObserver(apply);
  observer.observe(document.head, { childList: true, subtree: true, characterData: true });
  return () => {
    observer.disconnect();
    document.title = withCount(document.title, 0);
  };
}

const ICON = "/icon.svg";
const WAITING_ICON = "/icon-waiting.svg";

/** The icon of the tab. */
export function markIcon(waits: boolean): void {
  const link = document.querySelector<HTMLLinkElement>("link[rel=icon]");
  if (link) link.href = waits ? WAITING_ICON : ICON;
}

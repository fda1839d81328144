/** A change whose top is this close to the top of the pane is the one that is looked at. */
const NEAR_PX = 48;

/** Brings the change behind or before the one at the top of the pane into view, and gives it the keyboard. */
export function goToChange(pane: HTMLElement | null, step: 1 | -1): void {
  if (!pane) return;
  const changes = [...pane.querySelectorAll<HTMLElement>("[data-testid=hunk]")];
  const next = nextIndex(
    changes.map((change) => change.getBoundingClientRect().top - pane.getBoundingClientRect().top),
    changes.findIndex((change) => change.contains(document.activeElement)),
    step,
  );
  const change = next === null ? undefined : changes[next];
  if (!change) return;
  change.scrollIntoView({ block: "start" });
  change.querySelector<HTMLElement>("[tabindex]")?.focus({ preventScroll: true });
}

/** From the focused change, else from the place that is looked at; null where there is no other. */
export function nextIndex(tops: readonly number[], focused: number, step: 1 | -1): number | null {
  if (focused >= 0) return tops[focused + step] === undefined ? null : focused + step;
  const found = step === 1 ? tops.findIndex((top) => top > NEAR_PX) : tops.findLastIndex((top) => top < 0);
  return found < 0 ? null : found;
}

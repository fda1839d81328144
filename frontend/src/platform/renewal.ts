/** The version that this page was last loaded anew for: once for each is enough. */
const KEY = "slipway.reloaded";

/** The script that the page began with, which every version calls differently. */
const begun = () => document.querySelector<HTMLScriptElement>("script[type=module][src]")?.src ?? null;

/** Whether Slipway has another version of the page by now: the files of this one may be gone. */
export async function isOutdated(): Promise<boolean> {
  const script = begun();
  const page = await fetch("/", { cache: "no-store" }).catch(() => null);
  // Where nobody answers nothing is known, and what could not be loaded may be there later.
  if (!script || !page?.ok) return false;
  return !(await page.text()).includes(new URL(script).pathname);
}

/** Loads the page anew when files of an old version are missing, unless something was typed, which that might lose. */
export function renewWhenOutdated(): void {
  let typed = false;
  addEventListener("input", () => {
    typed = true;
  });
  addEventListener("vite:preloadError", async () => {
    if (typed || sessionStorage.getItem(KEY) === begun() || !(await isOutdated()) || typed) return;
    sessionStorage.setItem(KEY, begun() ?? "");
    location.reload();
  });
}

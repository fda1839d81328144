/** Tells the colours of `tokens.css` as they are at the moment, by name. */
export function readColours<Result>(read: (colour: (name: string) => string) => Result): Result {
  const probe = document.createElement("span");
  document.body.append(probe);
  // Only a used value tells what `light-dark` and the theme make of a variable.
  const result = read((name) => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  });
  probe.remove();
  return result;
}

/** Calls `then` whenever colours may be others. */
export function onThemeChange(then: () => void): () => void {
  const observer = new MutationObserver(then);
  observer.observe(document.documentElement, { attributes: true });
  const dark = matchMedia("(prefers-color-scheme: dark)");
  dark.addEventListener("change", then);
  return () => {
    observer.disconnect();
    dark.removeEventListener("change", then);
  };
}

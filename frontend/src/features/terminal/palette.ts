import type { ITheme } from "@xterm/xterm";

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** The colours of `tokens.css` as they are at the moment. */
export function terminalTheme(): ITheme {
  const probe = document.createElement("span");
  document.body.append(probe);
  // Only a used value tells what `light-dark` and the theme make of a variable.
  const colour = (name: string): string => {
    probe.style.color = `var(--${name})`;
    return getComputedStyle(probe).color;
  };
  const theme: Record<string, string> = {
    background: colour("sunken"),
    foreground: colour("text"),
    cursor: colour("accent"),
    cursorAccent: colour("on-accent"),
    selectionBackground: colour("accent"),
    selectionForeground: colour("on-accent"),
    selectionInactiveBackground: colour("line"),
  };
  NAMES.forEach((name, index) => {
    theme[name] = colour(`ansi-${index}`);
    theme[`bright${name.charAt(0).toUpperCase()}${name.slice(1)}`] = colour(`ansi-${index + 8}`);
  });
  probe.remove();
  return theme;
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

import type { ITheme } from "@xterm/xterm";
import { readColours } from "@/ui/theme-colours";

const NAMES = ["black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"] as const;

/** The colours of `tokens.css` as they are at the moment. */
export function terminalTheme(): ITheme {
  return readColours((colour) => {
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
    return theme;
  });
}

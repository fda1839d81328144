import { writeStored } from "@/platform/storage";

export type Theme = "system" | "light" | "dark";

/** Where the choice is kept; `public/theme.js` reads it before the first paint. */
const KEY = "slipway.theme";

export function currentTheme(): Theme {
  const chosen = document.documentElement.dataset.theme;
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export function setTheme(theme: Theme): void {
  writeStored(KEY, theme === "system" ? null : theme);
  if (theme === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

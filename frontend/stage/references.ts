import type { STATES } from "./states";

/** How a page is looked at. */
export interface Look {
  theme: "light" | "dark";
  contrast?: "more";
  density?: "compact" | "comfortable";
  /** A screen of 390×844 that is touched, instead of one of 1440×900. */
  phone?: true;
  language?: "de";
}

export interface Reference extends Look {
  /** One of `STATES`. */
  state: keyof typeof STATES;
}

/** The pictures in `reference/`, by their names. Between them every theme meets every part of the screen. */
export const REFERENCES: Record<string, Reference> = {
  empty: { state: "nothing there yet", theme: "light" },
  "new-dark": { state: "a new conversation", theme: "dark" },
  streaming: { state: "an answer that comes in", theme: "light" },
  "streaming-phone": { state: "an answer that comes in", theme: "dark", phone: true },
  calls: { state: "opened calls", theme: "dark" },
  "calls-contrast": { state: "opened calls", theme: "light", contrast: "more" },
  done: { state: "a conversation that is done", theme: "light", language: "de" },
  approval: { state: "calls to approve", theme: "light" },
  "approval-phone": { state: "calls to approve", theme: "light", phone: true },
  question: { state: "a question", theme: "dark" },
  queue: { state: "a run under way", theme: "dark", density: "compact" },
  error: { state: "a run that failed", theme: "dark", contrast: "more" },
  offline: { state: "nobody answers any more", theme: "light" },
  find: { state: "finding in the conversation", theme: "light" },
  changes: { state: "changes", theme: "dark" },
  "changes-split": { state: "changes side by side", theme: "light" },
  "changes-phone": { state: "changes", theme: "light", phone: true },
  files: { state: "an open file", theme: "light" },
  "files-contrast": { state: "an open file", theme: "dark", contrast: "more" },
  terminal: { state: "terminal", theme: "dark" },
  shell: { state: "a shell", theme: "light" },
  processes: { state: "processes", theme: "light" },
  desktop: { state: "the desktop", theme: "light" },
  "desktop-off": { state: "no desktop", theme: "dark" },
  context: { state: "context", theme: "light" },
  preview: { state: "a preview", theme: "dark" },
  palette: { state: "the palette", theme: "dark" },
  "search-results": { state: "what was found", theme: "light" },
  settings: { state: "settings", theme: "light" },
  "settings-phone": { state: "settings", theme: "dark", phone: true, language: "de" },
  setup: { state: "the first run", theme: "light" },
  login: { state: "signed out", theme: "dark" },
  list: { state: "a new conversation", theme: "light", density: "comfortable", contrast: "more" },
  trouble: { state: "changes that fail", theme: "light" },
};

/** Part of the help and the palette under which an action stands. */
export type ActionGroup = "general" | "conversation" | "panel" | "appearance";

export interface Definition {
  group: ActionGroup;
  /** Keys that start it, such as `Mod+Shift+O` or `] c`; `Mod` is ⌘ on a Mac and Ctrl elsewhere. */
  keys?: string;
  /** What it is called in the composer, behind a slash. */
  slash?: string;
}

/**
 * Everything that can be done by name: palette, keys, the help about keys and the composer's commands all
 * come from here. What each does is bound by the part of the page that does it (`useAction`), and an action
 * that nothing binds is not offered. The title is the sentence of `i18n/en-actions.ts` with the same id.
 */
export const ACTIONS = {
  "palette.open": { group: "general", keys: "Mod+K" },
  "shortcuts.show": { group: "general", keys: "?", slash: "keys" },
  "conversation.new": { group: "general", keys: "Mod+Shift+O", slash: "new" },
  "search.all": { group: "general", keys: "Mod+Shift+F", slash: "search" },
  "settings.open": { group: "general", keys: "Mod+,", slash: "settings" },
  "sidebar.toggle": { group: "general", keys: "Mod+B" },
  "composer.focus": { group: "conversation", keys: "Mod+I" },
  "run.stop": { group: "conversation", keys: "Escape Escape", slash: "stop" },
  "run.continue": { group: "conversation", slash: "continue" },
  "run.pause": { group: "conversation", slash: "pause" },
  "approval.approve": { group: "conversation", keys: "a" },
  "approval.deny": { group: "conversation", keys: "d" },
  "turn.previous": { group: "conversation", keys: "Alt+ArrowUp" },
  "turn.next": { group: "conversation", keys: "Alt+ArrowDown" },
  "find.open": { group: "conversation", keys: "Mod+F", slash: "find" },
  "outline.open": { group: "conversation", slash: "outline" },
  "message.editLast": { group: "conversation", slash: "reword" },
  "conversation.end": { group: "conversation", keys: "Alt+End" },
  "conversation.rename": { group: "conversation", slash: "rename" },
  "conversation.handOver": { group: "conversation", slash: "handover" },
  "conversation.link": { group: "conversation", slash: "link" },
  "conversation.exportMarkdown": { group: "conversation", slash: "export" },
  "conversation.exportJson": { group: "conversation" },
  "file.open": { group: "panel", keys: "Mod+P", slash: "open" },
  "panel.toggle": { group: "panel", keys: "Mod+J" },
  "panel.changes": { group: "panel", keys: "Mod+1", slash: "changes" },
  "panel.files": { group: "panel", keys: "Mod+2", slash: "files" },
  "panel.terminal": { group: "panel", keys: "Mod+3", slash: "terminal" },
  "terminal.focus": { group: "panel", keys: "Mod+`" },
  "terminal.new": { group: "panel", slash: "shell" },
  "panel.desktop": { group: "panel", keys: "Mod+4", slash: "desktop" },
  "panel.context": { group: "panel", keys: "Mod+5", slash: "context" },
  "panel.ports": { group: "panel", keys: "Mod+6", slash: "ports" },
  "change.next": { group: "panel", keys: "] c" },
  "change.previous": { group: "panel", keys: "[ c" },
  "theme.system": { group: "appearance" },
  "theme.light": { group: "appearance" },
  "theme.dark": { group: "appearance" },
} as const satisfies Record<string, Definition>;

export type ActionId = keyof typeof ACTIONS;

export const ACTION_IDS = Object.keys(ACTIONS) as ActionId[];

/** What is said of an action, as one type for all. */
export function definitionOf(id: ActionId): Definition {
  return ACTIONS[id];
}

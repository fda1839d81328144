import { translator } from "./translator";

/** What the page says about changed files; apart from the rest because it is loaded with their panel only. */
export const CHANGES = {
  scope: "What to show",
  "scope.turn": "This turn",
  "scope.all": "Conversation",
  split: "Side by side",
  restore: "Restore…",
  "empty.turn": "The agent has changed no file in this turn.",
  "empty.all": "The agent has changed no file in this conversation.",
  loading: "Comparing…",
  files: "{n, plural, one {1 file} other {{n} files}} changed",
  more: "More files",
  moreLines: "Show more of this file",
  added: "added",
  deleted: "deleted",
  modified: "changed",
  renamed: "renamed from {path}",
  mode: "Mode {old} → {new}",
  "note.binary": "No text: it cannot be shown line by line.",
  "note.too_large": "Too much text to compare.",
  "note.unkept": "Too large or unreadable: its content is not recorded and cannot be restored.",
  hunk: "Lines {start} to {end}",
  "hunk.revert": "Undo this change",
  "file.revert": "Undo all changes of {path}",
  noNewline: "no line end",
  busy: "While the agent is at work files cannot be restored.",
  "title.turn": "Undo this turn's changes",
  "title.all": "Undo all changes of this conversation",
  "title.file": "Undo the changes of {path}",
  "title.undo": "Undo the restoration",
  preview: "{n, plural, one {1 file} other {{n} files}} will go back to an earlier state. It can be undone.",
  "preview.none": "All files are as they were then: there is nothing to restore.",
  "action.create": "comes back",
  "action.replace": "goes back",
  "action.delete": "goes away",
  conflicts:
    "{n, plural, one {1 of them was} other {{n} of them were}} changed by you or a program since, not by the agent:",
  overwrite: "Overwrite {n, plural, one {it} other {them}} all the same",
  impossible: "These stay as they are, because their content is not recorded:",
  confirm: "Restore",
  restored: "{n, plural, one {1 file} other {{n} files}} restored",
  failed: "{path}: {reason}",
} as const;

/** The sentence with this id, with its placeholders filled in. */
export const tc = translator("changes", CHANGES);

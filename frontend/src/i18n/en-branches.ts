import { translator } from "./translator";

/** What is said where a message is put in other words; apart from the rest because it is loaded with that only. */
export const BRANCHES = {
  label: "Say it in other words",
  help: "The old message stays as it is; the new one goes on in a branch of its own.",
  send: "Send",
  busy: "While the agent is at work this message cannot be sent in other words.",
  filesTitle: "Files that changed since",
  filesHelp: "{n, plural, one {1 file has} other {{n} files have}} changed since this message was sent.",
  keep: "Keep files as they are",
  restore: "Go back to that state",
  conflicts:
    "{n, plural, one {1 file was} other {{n} files were}} changed by somebody else than the agent since:",
  overwrite: "Go back to the earlier {n, plural, one {content} other {contents}} all the same",
  impossible: "Not recorded, and left as they are:",
} as const;

/** The sentence with this id, with its placeholders filled in. */
export const tb = translator("branches", BRANCHES);

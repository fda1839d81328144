import { translator } from "./translator";

/** What the page says about how long things are kept, the secret key, and all settings together. */
export const DATA = {
  retention: "What is kept",
  retentionHelp:
    "How long things stay that nobody looks at any more. An empty field leaves it to the environment and the defaults; 0 days keeps things as long as there is room.",
  archived_days: "Days until archived conversations are deleted",
  checkpoint_days: "Days until recorded states of the workspace are given up",
  replaced_days: "Days until what a restored backup replaced is deleted",
  events: "Events kept for readers that come back",
  days: "0: never",
  key: "Secret key",
  keyHelp: "Keys of providers and other secrets are encrypted with it in the database. It is never shown.",
  "place.data_directory": "It lies in the file secret.key of the data directory.",
  "place.environment":
    "It comes from the environment. To replace it, start Slipway with a new SLIPWAY_SECRET_KEY, and with the present one as SLIPWAY_OLD_SECRET_KEY.",
  rotate: "Replace it",
  pending: "A new key waits. When Slipway starts next, all secrets are encrypted with it.",
  all: "All settings",
  allHelp: "What is in force, for whom, and where it comes from.",
  name: "Setting",
  value: "Value",
  scope: "Holds for",
  source: "From",
  "scope.instance": "everybody here",
  "scope.person": "you",
  none: "none",
  locked: "An administrator decides about these.",
} as const;

/** The sentence with this id, with its placeholders filled in. */
export const td = translator("data", DATA);

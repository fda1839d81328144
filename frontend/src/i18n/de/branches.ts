import type { BRANCHES } from "../en-branches";

/** German for `en-branches.ts`. */
export const BRANCH_WORDS: Record<keyof typeof BRANCHES, string> = {
  label: "Anders sagen",
  help: "Die alte Nachricht bleibt, wie sie ist; die neue geht in einem eigenen Zweig weiter.",
  send: "Senden",
  busy: "Während der Agent arbeitet, lässt sich diese Nachricht nicht anders sagen.",
  filesTitle: "Dateien, die sich seitdem geändert haben",
  filesHelp:
    "{n, plural, one {1 Datei hat} other {{n} Dateien haben}} sich geändert, seit diese Nachricht gesendet wurde.",
  keep: "Dateien lassen, wie sie sind",
  restore: "Zurück zu diesem Stand",
  conflicts:
    "{n, plural, one {1 Datei wurde} other {{n} Dateien wurden}} seitdem von jemand anderem als dem Agenten geändert:",
  overwrite: "Trotzdem zum früheren {n, plural, one {Inhalt} other {Stand}} zurück",
  impossible: "Nicht aufgezeichnet, bleiben wie sie sind:",
};

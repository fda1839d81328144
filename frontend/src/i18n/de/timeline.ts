import type { TIMELINE } from "../en-timeline";

/** German for `en-timeline.ts`. */
export const TIMELINE_WORDS: Record<keyof typeof TIMELINE, string> = {
  "find.label": "In dieser Unterhaltung suchen",
  "find.place": "{place} von {n}",
  "find.none": "Nichts gefunden",
  "find.older": "Zum älteren Treffer",
  "find.newer": "Zum neueren Treffer",
  "timeline.thoughtTokens": "≈ {tokens} Token",
  "tool.cut": "gekürzt",
  "tool.openFile": "Unter Dateien öffnen",
  "tool.asNow": "Wie sie jetzt ist",
  "tool.openTerminal": "Im Terminal öffnen",
  "ports.count": "{n, plural, one {1 Port} other {{n} Ports}}",
  "drawing.show": "Als Bild zeigen",
  "drawing.diagram": "Diagramm",
  "drawing.failed": "Das lässt sich nicht zeichnen.",
  "restore.done": "{n, plural, one {1 Datei} other {{n} Dateien}} wiederhergestellt",
  "restore.failed": "{path}: {reason}",
  "run.continueSteps": "Weiter ({n, plural, one {noch 1 Schritt} other {noch {n} Schritte}})",
  "outline.label": "Deine Nachrichten",
  "outline.filter": "Deine Nachrichten in dieser Unterhaltung",
  "outline.empty": "Keine Nachricht von dir",
};

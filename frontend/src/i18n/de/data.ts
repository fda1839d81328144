import type { DATA } from "../en-data";

/** German for `en-data.ts`. */
export const DATA_WORDS: Record<keyof typeof DATA, string> = {
  retention: "Was aufbewahrt wird",
  retentionHelp:
    "Wie lange bleibt, was niemand mehr ansieht. Ein leeres Feld überlässt es der Umgebung und den Vorgaben; 0 Tage bewahrt auf, solange Platz ist.",
  archived_days: "Tage, bis archivierte Unterhaltungen gelöscht werden",
  checkpoint_days: "Tage, bis aufgezeichnete Stände des Arbeitsverzeichnisses aufgegeben werden",
  replaced_days: "Tage, bis gelöscht wird, was eine zurückgespielte Sicherung ersetzt hat",
  events: "Ereignisse, die für wiederkehrende Leser bleiben",
  days: "0: nie",
  key: "Geheimer Schlüssel",
  keyHelp:
    "Mit ihm sind Schlüssel von Anbietern und andere Geheimnisse in der Datenbank verschlüsselt. Er wird nie gezeigt.",
  "place.data_directory": "Er liegt in der Datei secret.key des Datenverzeichnisses.",
  "place.environment":
    "Er kommt aus der Umgebung. Um ihn zu ersetzen, starten Sie Slipway mit einem neuen SLIPWAY_SECRET_KEY und mit dem jetzigen als SLIPWAY_OLD_SECRET_KEY.",
  rotate: "Ersetzen",
  pending:
    "Ein neuer Schlüssel wartet. Beim nächsten Start von Slipway wird alles Geheime mit ihm verschlüsselt.",
  all: "Alle Einstellungen",
  allHelp: "Was gilt, für wen, und woher es kommt.",
  name: "Einstellung",
  value: "Wert",
  scope: "Gilt für",
  source: "Aus",
  "scope.instance": "alle hier",
  "scope.person": "Sie",
  none: "keine",
  locked: "Darüber entscheidet ein Verwalter.",
};

import type { WORKSPACES } from "../en-workspaces";

/** German for `en-workspaces.ts`. */
export const WORKSPACE_WORDS: Record<keyof typeof WORKSPACES, string> = {
  title: "Arbeitsverzeichnisse",
  help: "Ein Arbeitsverzeichnis liegt in der Sandbox und hat eigene Dateien und Sicherungspunkte. Eine neue Unterhaltung nennt eines und arbeitet auf Dauer dort. Das erste teilen sich alle, die diese Instanz benutzen.",
  isolation:
    "Sie trennen Arbeiten, nicht Menschen: Befehle einer Unterhaltung könnten die Verzeichnisse der anderen lesen.",
  picker: "Arbeitsverzeichnis der neuen Unterhaltung",
  ofConversation: "Arbeitsverzeichnis: {name}",
  first: "Standard",
  create: "Neues Arbeitsverzeichnis…",
  createTitle: "Neues Arbeitsverzeichnis",
  name: "Name",
  make: "Anlegen",
  rename: "{name} umbenennen",
  save: "Speichern",
  delete: "{name} löschen",
  deleteTitle: "Arbeitsverzeichnis löschen?",
  deleteHelp:
    "„{name}“ kommt mit allen Dateien in den Papierkorb und von dort eine Woche lang zurück. Seine Unterhaltungen bleiben, aber bis dahin lässt sich in ihnen nichts tun.",
  deleteConfirm: "Löschen",
  deleted: "„{name}“ liegt eine Woche im Papierkorb",
  inTrash: "im Papierkorb",
  restore: "{name} zurückholen",
  unavailable:
    "Diese Sandbox hat keinen Platz für weitere Arbeitsverzeichnisse. Legen Sie sie neu an, um ihn zu bekommen.",
};

import type { SETUP } from "../en-setup";

/** German for `en-setup.ts`. */
export const SETUP_WORDS: Record<keyof typeof SETUP, string> = {
  open: "Einrichtung",
  openHelp:
    "Die Umgebung noch einmal ansehen, ein Modell hinzufügen, das Arbeitsverzeichnis füllen oder die Vorführung sehen.",
  title: "Slipway einrichten",
  intro:
    "Fünf Schritte, von denen nur das Modell nötig ist. Was erledigt ist, bleibt es: Sie können jederzeit gehen und wiederkommen.",
  steps: "Schritte der Einrichtung",
  "state.done": "erledigt",
  "state.todo": "offen",
  "state.problem": "Problem",
  "state.skipped": "übersprungen",
  "state.looking": "wird geprüft…",
  skipStep: "Diesen Schritt überspringen",
  leave: "Nicht jetzt",
  start: "Anfangen",

  "step.environment": "Umgebung",
  sandboxReady: "Die Sandbox ist verbunden. Arbeitsverzeichnis: {workspace}",
  sandboxMissing:
    "Die Sandbox ist nicht verbunden. Diese Seite sieht alle paar Sekunden nach und macht von selbst weiter.",
  "confinement.container": "Container",
  "confinement.landlock": "diese Maschine, Schreiben durch Landlock begrenzt",
  "confinement.none": "diese Maschine, ohne Grenzen",
  since: "So seit {time}.",
  instance: "Instanz",
  instanceIs: "Nummer {number}, Slipway {version}",
  image: "Image",
  noImage: "keines: die Werkzeuge laufen auf dieser Maschine selbst",
  "port.ui": "Port dieser Seite",
  "port.desktop": "Port des Desktops",
  portMoved: "{port}, weil ein anderes Programm {usual} hat",
  "disk.data": "Platte der Daten",
  "disk.workspace": "Platte des Arbeitsverzeichnisses",
  diskFree: "{free} von {total} frei",
  diskLow: "Wenig Platz: Arbeiten könnten bald abbrechen. Schaffen Sie Platz, wo {path} liegt.",

  "step.account": "Wer es benutzen darf",
  accountLocal:
    "Nur diese Maschine: Der Link, den „slipway open“ ausgibt, führt hinein, und ein Passwort ist nicht nötig. Um andere einzulassen, setzen Sie eines und starten Slipway mit SLIPWAY_BIND=0.0.0.0.",
  accountNetwork:
    "Diese Seite wird über das Netz erreicht. Setzen Sie ein Passwort für {name}, damit nicht nur der ausgegebene Link hineinführt.",
  accountNamed: "{name} meldet sich mit Passwort an.",
  accountPeople: "{n, plural, one {# Mensch hat} other {# Menschen haben}} ein Konto.",
  setPassword: "Ein Passwort für {name} setzen",
  addPeople: "Menschen hinzufügen",

  "step.model": "Modell",
  modelHelp:
    "Slipway braucht ein Modell, das für Sie arbeitet. Der Test sagt, ob der Schlüssel stimmt, bevor etwas gespeichert wird.",
  modelReady: "{model} von {provider} beantwortet neue Unterhaltungen.",
  modelOther: "Ein weiteres Modell hinzufügen:",

  "step.workspace": "Arbeitsverzeichnis",
  workspaceHelp:
    "In diesem Verzeichnis arbeitet der Agent. Bringen Sie ein Repository oder Dateien mit, oder fangen Sie mit nichts an: er macht, was er braucht. „slipway up --workspace VERZEICHNIS“ nimmt ein Verzeichnis dieser Maschine.",
  workspaceEmpty: "{name} ist leer.",
  workspaceHolds: "{name} enthält {n, plural, one {# Datei oder Ordner} other {# Dateien und Ordner}}.",
  workspaceAway: "Was darin ist, sieht man, wenn die Sandbox verbunden ist.",
  workspaceUse: "Neue Unterhaltungen beginnen in:",

  "step.task": "Erste Aufgabe",
  taskHelp:
    "Lassen Sie Ihr Modell sich im Arbeitsverzeichnis umsehen: Es liest, ändert nichts und sagt, was es gefunden hat.",
  taskStart: "Erste Aufgabe beginnen",
  task: "Sieh dich in diesem Arbeitsverzeichnis um, ohne etwas zu ändern, und sage mir in ein paar Sätzen, was da ist und was du für mich tun könntest.",
  taskDone: "Es gibt schon eine Unterhaltung.",
  demo: "Vorführung ansehen: ein Skript als Modell, ohne Schlüssel",
  demoHelp:
    "Ein Skript spielt das Modell. Es schreibt ein kleines Python-Programm, prüft und repariert es und öffnet es auf dem Desktop: mit den echten Werkzeugen, in Ihrer Sandbox.",
  demoTask:
    "Build a small Python GUI program with tests, run the tests, fix what fails, and start it on the desktop.",
};

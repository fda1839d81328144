import type { SANDBOX } from "../en-sandbox";

/** German: what the settings say about the sandbox. */
export const SANDBOX_WORDS: Record<keyof typeof SANDBOX, string> = {
  measuring: "Misst…",
  cpu: "Prozessor",
  memory: "Speicher",
  processes: "Prozesse",
  workspace: "Arbeitsverzeichnis",
  workspaceOf: "Arbeitsbereich „{name}“",
  workspaces: "Alle Arbeitsbereiche",
  kills: "Aus Speichermangel beendet",
  of: "{value} von {limit}",
  "renew.restart": "Neu starten",
  "renew.restartTitle": "Sandbox neu starten?",
  "renew.restartHelp":
    "Alle ihre Prozesse und Terminals enden. Dateien und installierte Pakete bleiben; was in /tmp liegt, nicht.",
  "renew.restartDone": "Die Sandbox wird neu gestartet",
  "renew.reset": "Zurücksetzen…",
  "renew.resetTitle": "Sandbox neu anlegen?",
  "renew.resetHelp":
    "Installierte Pakete, das Heim des Agenten und alles andere außerhalb des Arbeitsverzeichnisses wird gelöscht. Das Arbeitsverzeichnis bleibt, wie es ist.",
  "renew.resetDone": "Die Sandbox wird neu angelegt",
  profile: "Profil",
  "profile.installable": "Erweiterbar: Der Agent kann Systempakete installieren",
  "profile.strict": "Streng: ganz ohne Rechte, und das System ist nicht beschreibbar",
  egress: "Was sie erreichen darf",
  "egress.public": "Jeden öffentlichen Rechner (Ports 80 und 443)",
  "egress.allowlist": "Nur Rechner auf einer Liste",
  "egress.none": "Nichts",
  "egress.direct": "Alles, ohne den Proxy (schwächer)",
  hosts: "Rechner",
  hostsHelp: "Einer je Zeile: example.com, oder *.example.com für alles darunter.",
  packages: "Systempakete",
  "packages.allowed": "Erlaubt",
  "packages.off": "Nicht erlaubt",
  memory_mib: "Speicher (MiB)",
  cpu_percent: "Prozessor (% von einem)",
  workspace_mib: "Arbeitsverzeichnis (MiB)",
  command_seconds: "Zeitgrenze für Befehle (s)",
  desktop_idle_minutes: "Unbenutzter Desktop endet nach (min)",
  nextStart:
    "Werte mit „später“ gelten, sobald die Sandbox neu angelegt ist: durch Zurücksetzen oder durch slipway up.",
  output_chars: "Ausgabe für das Modell (Zeichen)",
  "output_chars.help":
    "Von längerer Ausgabe bekommt das Modell Anfang und Ende, und wo alles liegt. 2000 bis 200000.",
  output_mib: "Ganze Ausgaben auf der Platte (MiB)",
  "output_mib.help":
    "Ausgaben aller Befehle zusammen; die ältesten machen Platz. Ein Befehl behält bis zu einem Viertel. 8 bis 65536.",
  file_chars: "Auf einmal gezeigte Datei (Zeichen)",
  "file_chars.help":
    "Größere Dateien sieht das Modell in Teilen: worum es bittet und was sich ändert. 5000 bis 1000000.",
  page_chars: "Auf einmal gelesene Webseite (Zeichen)",
  "page_chars.help": "Das Modell kann dort weiterlesen, wo es aufgehört hat. 2000 bis 200000.",
  unchosen: "Hier nicht gewählt: {value}",
};

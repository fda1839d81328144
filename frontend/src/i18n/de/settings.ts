/** German: settings, ports. */
export const SETTINGS = {
  "settings.title": "Einstellungen",
  "settings.models": "Modelle und Schlüssel",
  "settings.limits": "Grenzen",
  "settings.instructions": "Ständige Anweisungen",
  "settings.appearance": "Aussehen",
  "settings.notifications": "Benachrichtigungen",
  "settings.about": "Über",
  "settings.diagnostics": "Diagnose herunterladen",
  "settings.diagnosticsHelp":
    "Versionen, Zustände und Protokollzeilen für alle, die helfen sollen; keine Nachrichten, Dateien oder Schlüssel.",
  "settings.web": "Websuche",
  "settings.secondary": "Zweites Modell",
  "settings.context": "Kontext",
  "settings.version": "Version {version}, Instanz {number}",

  "limit.none": "keine Grenze",
  "limit.steps": "Schritte",
  "limit.tokens": "Token",
  "limit.money": "Geld ($)",
  "limit.minutes": "Minuten",

  "budget.title": "Grenzen dieser Unterhaltung",
  "budget.spent": "Bisher verbraucht: {steps} Schritte, {tokens} Token, {money}, {minutes} min.",
  "budget.conversation": "Alle Läufe zusammen",
  "budget.run": "Jeder Lauf",
  "budget.help": "Leere Felder lassen die Grenzen der Einstellungen gelten.",
  "budget.saveAndContinue": "Speichern und weiter",

  "subagent.title": "Unteragenten",
  "subagent.help":
    "Jeder arbeitet in diesen Grenzen und in dem, was von denen des Laufs und der Unterhaltung übrig ist; was er verbraucht, zählt auch dort. Sie lesen nur: Dateien, Auflistungen, Suchen, das Web und das Bild des Desktops.",
  "subagent.max_at_once": "Zur gleichen Zeit",
  "subagent.max_steps": "Schritte je Unteragent",
  "subagent.max_tokens": "Token je Unteragent",
  "subagent.max_minutes": "Minuten je Unteragent",
  "subagent.max_report_chars": "Zeichen eines Berichts",

  "sandbox.title": "Sandbox",

  "source.default": "Standard",
  "source.file": "aus .env",
  "source.env": "aus der Umgebung",
  "source.instance": "hier gespeichert",
  "source.later": "später",
};

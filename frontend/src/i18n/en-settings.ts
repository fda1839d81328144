import { translator } from "./translator";

/** What the forms of the settings say; apart from the rest because it is loaded with them only. */
export const SETTINGS_WORDS = {
  "settings.parallel": "Read-only calls at the same time",
  "settings.outputTokens": "Most tokens of one answer",
  "settings.outputTokensHelp": "Empty leaves it to the provider.",
  "settings.instructionsHelp":
    "Told to the model at the start of every conversation. Markdown. Changes apply to new conversations; those that have begun keep what they were told.",
  "settings.runBudget": "Each run",
  "settings.conversationBudget": "Each conversation, all its runs together",
  "settings.budgetHelp":
    "No model call is made that could go beyond a limit. Money is in US dollars; where the price of a model is unknown, its tokens count at a ceiling price. A conversation can have limits of its own.",
  "settings.searchEngine": "Search engine",
  "settings.searchNone": "None, or what the environment says",
  "settings.searchFromEnvironment": "From the environment. Saving here takes its place.",
  "settings.searchKey": "Key",
  "settings.searchKeyKept": "A key is kept. Leave this empty to keep it.",
  "settings.searchKeyHelp": "Kept encrypted; the sandbox never sees it.",
  "settings.searchCx": "Search engine id (cx)",
  "settings.searchUrl": "Address of the server",
  "settings.searchUrlHelp": "It must offer JSON: formats: [html, json] in its settings.yml.",
  "settings.secondaryHelp":
    "A cheaper model that reads long web pages for a question. Its cost counts to the run. Without one, pages come in parts.",
  "settings.secondaryProvider": "Provider",
  "settings.secondaryModel": "Model",
  "settings.secondaryNone": "None",
  "settings.contextMode": "How open files are shown to the model",
  "settings.contextModeHelp":
    "Holds from the next run of each conversation on. A change in the middle of a conversation makes what was sent before new to the provider’s cache, once.",
  "settings.contextByProfile": "As is cheapest with the provider (recommended)",
  "settings.contextAuto": "Earlier versions stay while that is cheaper",
  "settings.contextPerFile": "Each file once, where it last changed",
  "settings.contextConsolidated": "All files together, at the end",
  "permission.help":
    "The sandbox is the boundary; rules spare you surprises inside it. The first rule about a call holds, and what none is about is done without asking.",
  "permission.preset": "Start from",
  "permission.preset.own": "Rules of my own",
  "permission.preset.nothing": "Never ask",
  "permission.preset.risky": "Ask before commands that delete or publish",
  "permission.preset.changes": "Ask before every change",
  "permission.rules": "Rules",
  "permission.none": "No rules: nothing is asked.",
  "permission.number": "Rule {n}",
  "permission.about": "About",
  "permission.about.any": "all calls",
  "permission.about.changes": "calls that change something",
  "permission.about.tool": "a tool",
  "permission.about.command": "commands like",
  "permission.name": "Name of the tool",
  "permission.pattern": "Words of the command",
  "permission.action": "What is done",
  "permission.action.allow": "allow",
  "permission.action.ask": "ask",
  "permission.action.deny": "deny",
  "permission.up": "Move rule {n} up",
  "permission.down": "Move rule {n} down",
  "permission.remove": "Remove rule {n}",
  "permission.add": "Add a rule",
  "permission.minutes": "Minutes to decide",
  "permission.minutesHelp":
    "When they are over, the call counts as denied. Empty: it waits for as long as it takes.",
} as const;

/** The sentence with this id. */
export const tg = translator("settings", SETTINGS_WORDS);

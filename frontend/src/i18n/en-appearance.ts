import { translator } from "./translator";

/** What the settings say about looks and notifications; loaded with them. */
export const APPEARANCE_WORDS = {
  help: "For this browser.",
  language: "Language",
  theme: "Theme",
  "theme.system": "As the system",
  "theme.light": "Light",
  "theme.dark": "Dark",
  contrast: "Contrast",
  "contrast.system": "As the system",
  "contrast.more": "More",
  density: "Density",
  "density.default": "Usual",
  "density.compact": "Compact",
  "density.comfortable": "Comfortable",
  diff: "Colours of changed lines",
  "diff.green": "Green and red",
  "diff.blue": "Blue and orange",
  motion: "Motion",
  "motion.system": "As the system",
  "motion.reduced": "None",
  send: "A message is sent with",
  "send.enter": "Enter",
  "send.modEnter": "Ctrl+Enter or ⌘+Enter",
  calls: "Calls of tools",
  "calls.grouped": "Looks in a row together",
  "calls.list": "Each in a line",
  "calls.full": "Each opened",
  thinking: "The model’s reasoning",
  "thinking.collapsed": "In one line",
  "thinking.expanded": "Opened",
  "notify.when": "Tell me when a conversation that I am not looking at",
  "notify.done": "is done",
  "notify.needsYou": "needs me",
  "notify.failed": "has failed or reached a limit",
  "notify.how": "The tab’s title and icon and a line on the page always tell. Also:",
  "notify.sound": "A sound",
  "notify.system": "Notifications of the system",
  "notify.allow": "Allow notifications of the system…",
  "notify.ask": "The browser has not answered yet.",
  "notify.denied":
    "This browser was told to refuse notifications of the system; its settings for this page change that.",
  "notify.insecure":
    "Notifications of the system need HTTPS, or the address localhost: browsers have none on plain HTTP.",
  "notify.unavailable": "This browser has no notifications of the system.",
} as const;

/** The sentence with this id, with its placeholders filled in. */
export const tp = translator("appearance", APPEARANCE_WORDS);

import { translator } from "./translator";

/** What the settings say about looks; loaded with them. */
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
} as const;

/** The sentence with this id, with its placeholders filled in. */
export const tp = translator("appearance", APPEARANCE_WORDS);

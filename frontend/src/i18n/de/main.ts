import type { en } from "../en";
import { APPROVAL_WORDS } from "./approvals";
import { GENERAL } from "./general";
import { SETTINGS } from "./settings";
import { TIMELINE_WORDS } from "./timeline";
import { WORK } from "./work";

/** German for every sentence of `en.ts`. */
export const MAIN: Record<keyof typeof en, string> = {
  ...GENERAL,
  ...WORK,
  ...SETTINGS,
  ...TIMELINE_WORDS,
  ...APPROVAL_WORDS,
};

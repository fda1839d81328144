import { translator } from "./translator";

/** What is said of costs; loaded with what shows them. */
export const COST = {
  unknown: "unknown",
  atLeast: "at least {cost}; some prices are unknown",
  included: "included",
  partly: "{cost} + included",
  flatPlan: "Flat plan",
  flatPlanLabel: "A subscription includes what its models use",
  flatPlanHelp:
    "Tokens are counted as ever, but no money: costs read “included”, and limits of money do not apply. Earlier turns keep what they cost.",
} as const;

/** The sentence with this id. */
export const tc = translator("cost", COST);

import type { References } from "./references";

/** What holds for a whole text. */
export interface Scope {
  /** Begins the ids of its footnotes, so that two texts on a page do not share them. */
  id: string;
  references: References;
}

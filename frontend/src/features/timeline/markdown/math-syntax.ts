import { mathFromMarkdown } from "mdast-util-math";
import { math } from "micromark-extension-math";
import type { Syntax } from "./parse";

/** Formulas between `$` and `$$`. */
export const MATH: Syntax = { syntax: [math()], tree: [mathFromMarkdown()] };

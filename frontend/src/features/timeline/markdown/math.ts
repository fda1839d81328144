import { useEffect, useState } from "react";
import { onAnswered } from "@/platform/answering";
import { usePreference } from "@/ui/preferences";
import type { Syntax } from "./parse";

/** Loaded when the first text with formulas is shown to somebody who wants them drawn. */
let loaded: Syntax | null = null;

/** How formulas in a text are read; null where the person has not asked for them, or there are none. */
export function useMath(text: string): Syntax | null {
  const wanted = usePreference("drawings") === "drawn" && /\$|\\[([]/.test(text);
  const [, setReady] = useState(loaded !== null);
  useEffect(() => {
    if (!wanted || loaded) return;
    let current = true;
    const load = () =>
      import("./math-syntax")
        .then(({ MATH }) => {
          loaded = MATH;
          if (current) setReady(true);
        })
        // They can be read as they are written.
        .catch(() => undefined);
    void load();
    const end = onAnswered(() => void load());
    return () => {
      current = false;
      end();
    };
  }, [wanted]);
  return wanted ? loaded : null;
}

/** Code is left as it is; `\( … \)` and `\[ … \]` are formulas otherwise. */
const CODE_OR_FORMULA = /(`+)[\s\S]*?\1|\\\(([^\n]+?)\\\)|\\\[([\s\S]+?)\\\]/g;

/** A text with all its formulas between dollar signs. */
export function withDollars(text: string): string {
  return text.replace(CODE_OR_FORMULA, (whole, _code, inline?: string, display?: string, at = 0) => {
    const formula = inline ?? display;
    if (formula === undefined) return whole;
    const isAlone = display !== undefined && (at === 0 || text[at - 1] === "\n");
    return isAlone ? `$$\n${formula.trim()}\n$$` : `$${formula.trim()}$`;
  });
}

/** Whether what stands between two dollar signs is no formula: a sum of money, or the words between two of them. */
export function isMoney(value: string): boolean {
  return /^\s|\s$|^\d[\d.,]*[-–]?$/.test(value);
}

import { useRef } from "react";
import { useAction } from "@/ui/actions/registry";
import type { Row } from "./rows";

/** What of the timeline going from turn to turn needs. */
interface View {
  /** Position of the first row in sight. */
  top: () => number;
  show: (index: number) => void;
  end: () => void;
}

/** Position of the message of the person before or behind a row; null where there is none. */
export function nextTurn(rows: readonly Row[], from: number, step: -1 | 1): number | null {
  for (let at = from + step; at >= 0 && at < rows.length; at += step) {
    const kind = rows[at]?.kind;
    if (kind === "user" || kind === "unsent") return at;
  }
  return null;
}

/** Binds the actions that lead from message to message of the person. */
export function useTurns(rows: readonly Row[], { top, show, end }: View): void {
  // The row that was gone to last: a scroll may not have arrived at its very top.
  const at = useRef<{ index: number; top: number } | null>(null);
  const go = (step: -1 | 1) => {
    const seen = top();
    const from = at.current && Math.abs(at.current.top - seen) <= 1 ? at.current.index : seen;
    const index = nextTurn(rows, from, step);
    if (index === null) return step === 1 ? end() : show(0);
    at.current = { index, top: index };
    show(index);
  };
  useAction("turn.previous", () => go(-1));
  useAction("turn.next", () => go(1));
  useAction("conversation.end", end);
}

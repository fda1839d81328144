import { useCallback, useRef } from "react";
import type { Row } from "./rows";

/** Heights of rows in CSS pixels: a line of text, a line of a call, and what most others come to. */
const TEXT_LINE = 38;
const CALL_LINE = 34;
const USUAL = 64;

/**
 * How high rows are taken to be until they are measured: what comes in while a run goes on begins as one line.
 *
 * Of one row always the same is said. The list keeps what it has measured only where that differs from the estimate,
 * so a row that was as high as estimated would later be given the height of another estimate.
 */
export function useEstimates(): (row: Row | undefined) => number {
  const begun = useRef(new Set<string>());
  return useCallback((row) => {
    if (row?.kind === "group") return CALL_LINE;
    if (row?.kind !== "part") return USUAL;
    if (row.part.body.type !== "text") return CALL_LINE;
    if (row.part.state === "streaming") begun.current.add(row.key);
    return begun.current.has(row.key) ? TEXT_LINE : USUAL;
  }, []);
}

import { useEffect, useReducer, useRef } from "react";
import type { TokenLine } from "./tokens";
import { keyOf, LONGEST, recall, remember } from "./use-highlight";

/** A text of a file, whose name tells the language. */
export interface FileText {
  path: string;
  text: string;
}

/**
 * Colours for several texts at once, of which others may be wanted at any time: what is not wanted any more is given
 * up. The answer gives a text's lines, null until they are known and for what stays plain.
 */
export function useHighlights(
  wanted: readonly FileText[],
): (path: string, text: string) => readonly TokenLine[] | null {
  const [, redraw] = useReducer((count: number) => count + 1, 0);
  const working = useRef(new Map<string, AbortController>());
  useEffect(() => {
    const keys = new Set<string>();
    for (const { path, text } of wanted) {
      const key = keyOf(text, { path });
      keys.add(key);
      if (text === "" || text.length > LONGEST || recall(key) || working.current.has(key)) continue;
      const stop = new AbortController();
      working.current.set(key, stop);
      import("./engine")
        .then(({ highlight }) => highlight(text, { path }, stop.signal))
        .then((lines) => {
          if (!lines) return;
          remember(key, lines);
          if (!stop.signal.aborted) redraw();
        })
        // Without colours it can still be read.
        .catch(() => undefined);
    }
    for (const [key, stop] of working.current) {
      if (keys.has(key)) continue;
      stop.abort();
      working.current.delete(key);
    }
  });
  useEffect(() => {
    const all = working.current;
    return () => {
      for (const stop of all.values()) stop.abort();
      all.clear();
    };
  }, []);
  return (path, text) => recall(keyOf(text, { path })) ?? null;
}

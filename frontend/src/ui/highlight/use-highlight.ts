import { useEffect, useState } from "react";
import type { TokenLine } from "./tokens";

/** What says which language a text is in. */
export interface Syntax {
  /** As a fence in Markdown names it. */
  language?: string;
  /** A file's, whose ending tells. */
  path?: string;
}

/** Longer texts stay plain. */
export const LONGEST = 100_000;
/** Texts whose colours are remembered, so that scrolling back to them shows them at once. */
const REMEMBERED = 300;

const known = new Map<string, readonly TokenLine[]>();

/**
 * A text's lines in the colours of its language; null until they are known, and for what has none. The code for
 * it is loaded when it is first wanted. A text that still grows should be given with `wanted` false.
 */
export function useHighlight(
  text: string,
  { language, path }: Syntax,
  wanted = true,
): readonly TokenLine[] | null {
  const key = keyOf(text, { language, path });
  const [done, setDone] = useState<{ key: string; lines: readonly TokenLine[] } | null>(null);
  const needed = wanted && text !== "" && text.length <= LONGEST && Boolean(language || path);
  useEffect(() => {
    if (!needed || known.has(key)) return;
    const stop = new AbortController();
    import("./engine")
      .then(({ highlight }) => highlight(text, { language, path }, stop.signal))
      .then((lines) => {
        if (!lines) return;
        remember(key, lines);
        if (!stop.signal.aborted) setDone({ key, lines });
      })
      // Without colours it can still be read.
      .catch(() => undefined);
    return () => stop.abort();
  }, [needed, key, text, language, path]);
  if (!needed) return null;
  return known.get(key) ?? (done?.key === key ? done.lines : null);
}

/** Names a text in a language among those that are remembered. */
export const keyOf = (text: string, { language, path }: Syntax): string =>
  `${language ?? ""}\0${path ?? ""}\0${text}`;

/** The colours of a text that was read before. */
export const recall = (key: string): readonly TokenLine[] | undefined => known.get(key);

/** Keeps a text's colours; the oldest make room. */
export function remember(key: string, lines: readonly TokenLine[]): void {
  known.set(key, lines);
  const [oldest] = known.keys();
  if (known.size > REMEMBERED && oldest !== undefined) known.delete(oldest);
}

import type { Parser, Tree } from "@lezer/common";
import { classHighlighter, highlightTree } from "@lezer/highlight";

/** A piece of a line in one colour; an empty class is plain text. */
export interface Token {
  text: string;
  className: string;
}

export type TokenLine = readonly Token[];

/** Time, and the way to let others have some; replaced in tests. */
export interface Clock {
  now: () => number;
  /** Gives way to input, streaming and painting. */
  pause: () => Promise<void>;
}

/** Longest time of one piece of work, in milliseconds. */
const SLICE_MS = 4;
/** Characters whose colours are looked up in one go. */
const CHUNK = 4_000;

/**
 * The lines of a text in colours. The work is done in small slices, so that what streams, scrolls or is
 * typed meanwhile does not wait for it. Null when `signal` says that nobody wants it any more.
 */
export async function tokenLines(
  text: string,
  parser: Parser,
  signal: AbortSignal,
  clock: Clock,
): Promise<TokenLine[] | null> {
  const parse = parser.startParse(text);
  let tree: Tree | null = null;
  let until = clock.now() + SLICE_MS;
  while (tree === null) {
    if (clock.now() >= until) {
      await clock.pause();
      if (signal.aborted) return null;
      until = clock.now() + SLICE_MS;
    }
    tree = parse.advance();
  }
  const lines = new Lines();
  for (let from = 0; from < text.length; from += CHUNK) {
    const to = Math.min(text.length, from + CHUNK);
    let done = from;
    highlightTree(
      tree,
      classHighlighter,
      (start, end, className) => {
        lines.add(text.slice(done, start), "");
        lines.add(text.slice(start, end), className);
        done = end;
      },
      from,
      to,
    );
    lines.add(text.slice(done, to), "");
    if (to < text.length && clock.now() >= until) {
      await clock.pause();
      if (signal.aborted) return null;
      until = clock.now() + SLICE_MS;
    }
  }
  return lines.all;
}

/** Collects tokens by line. */
class Lines {
  readonly all: Token[][] = [[]];

  add(text: string, className: string): void {
    text.split("\n").forEach((piece, index) => {
      if (index > 0) this.all.push([]);
      if (piece !== "") this.all.at(-1)?.push({ text: piece, className });
    });
  }
}

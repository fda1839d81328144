import type { Hunk } from "@/api/types";
import { type Numbered, numbered, type Pair, sideBySide } from "./hunk-lines";
import { withoutWhitespace } from "./whitespace";

/** Lines whose colours are found in one go: enough to see what language they speak, few enough to be quick. */
const CHUNK_LINES = 200;

/** Lines of a hunk that are coloured together; each side is read as a text of its own. */
export interface Chunk {
  path: string;
  before: string;
  after: string;
}

/** A line that knows where its colours are. */
export interface Placed extends Numbered {
  chunk: Chunk;
  /** Its line in the text that its side is read in. */
  at: number;
}

export interface Prepared {
  lines: readonly Placed[];
  pairs: readonly Pair<Placed>[];
}

const known = new WeakMap<Hunk, Map<boolean, Prepared>>();

/** A hunk's lines, numbered and in chunks, in one column and in two; worked out once. */
export function prepared(hunk: Hunk, path: string, whitespace: boolean): Prepared {
  const ready = known.get(hunk) ?? new Map<boolean, Prepared>();
  known.set(hunk, ready);
  const found = ready.get(whitespace);
  if (found) return found;
  const all = numbered(hunk);
  const lines = placed(path, whitespace ? all : withoutWhitespace(all));
  const made = { lines, pairs: sideBySide(lines) };
  ready.set(whitespace, made);
  return made;
}

function placed(path: string, lines: readonly Numbered[]): Placed[] {
  const all: Placed[] = [];
  for (let from = 0; from < lines.length; from += CHUNK_LINES) {
    const part = lines.slice(from, from + CHUNK_LINES);
    const textOf = (other: Numbered["kind"]) =>
      part
        .filter(({ kind }) => kind !== other)
        .map(({ text }) => text)
        .join("\n");
    const chunk: Chunk = { path, before: textOf("added"), after: textOf("removed") };
    let [old, now] = [0, 0];
    for (const line of part) {
      all.push({ ...line, chunk, at: line.kind === "removed" ? old : now });
      if (line.kind !== "added") old += 1;
      if (line.kind !== "removed") now += 1;
    }
  }
  return all;
}

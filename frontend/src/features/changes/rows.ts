import type { FileChange, Hunk } from "@/api/types";
import type { Spot } from "./comments";
import { keyOfSpot, spotOf } from "./comments";
import { type Placed, prepared } from "./hunk-chunks";
import type { Pair } from "./hunk-lines";
import { changedLines, type Limit, limitOf } from "./limits";

/** A line of the list of changes. Each stands in the part of its file. */
export type Row = { key: string; file: FileChange } & (
  | { kind: "file"; open: boolean; index: number }
  | { kind: "limit"; limit: Limit }
  | { kind: "note"; note: NonNullable<FileChange["note"]> }
  /** Lines that are fetched once this row is seen: those from hunk `from` on. */
  | { kind: "pending"; from: number; lines: number }
  | { kind: "failed"; from: number; problem: unknown }
  | { kind: "hunk"; hunk: Hunk }
  | { kind: "line"; line: Placed }
  | { kind: "pair"; pair: Pair<Placed> }
  | { kind: "comment"; spot: Spot }
);

/** Lines of a file as far as they are known. */
export interface Loaded {
  hunks: readonly Hunk[];
  /** The first hunk that is not there yet. */
  next: number | null;
  problem: unknown;
}

export interface Look {
  split: boolean;
  /** Whether changes of nothing but white space are shown. */
  whitespace: boolean;
}

/** Most lines that a row which stands for others is as high as. */
const MOST_PENDING = 400;

/** Whether a file is open before the person says so. */
export function startsOpen(file: FileChange, viewed: boolean, many: boolean): boolean {
  return !viewed && !many && !file.note && limitOf(file) === null;
}

/** The rows of the list, top to bottom. `commented` names the lines that have a comment. */
export function rowsOf(
  files: readonly FileChange[],
  isOpen: (file: FileChange) => boolean | null,
  loadedOf: (path: string) => Loaded | undefined,
  commented: ReadonlyMap<string, Spot>,
  look: Look,
): Row[] {
  const rows: Row[] = [];
  files.forEach((file, index) => {
    const { path } = file;
    const said = isOpen(file);
    const limit = limitOf(file);
    const open = said === true;
    rows.push({ kind: "file", key: path, file, open, index });
    if (said === null && limit) rows.push({ kind: "limit", key: `${path}\0limit`, file, limit });
    if (file.note && said !== false) {
      rows.push({ kind: "note", key: `${path}\0note`, file, note: file.note });
    }
    if (!open || file.note) return;
    const loaded = loadedOf(path);
    for (const hunk of loaded?.hunks ?? []) rows.push(...hunkRows(file, hunk, commented, look));
    const from = loaded ? loaded.next : 0;
    if (from === null) return;
    const lines = Math.min(changedLines(file) + 6, MOST_PENDING);
    const key = `${path}\0from ${from}`;
    if (loaded?.problem) rows.push({ kind: "failed", key, file, from, problem: loaded.problem });
    else rows.push({ kind: "pending", key, file, from, lines });
  });
  return rows;
}

function* hunkRows(
  file: FileChange,
  hunk: Hunk,
  commented: ReadonlyMap<string, Spot>,
  { split, whitespace }: Look,
): Generator<Row> {
  const place = `${file.path}\0${hunk.index}`;
  yield { kind: "hunk", key: `${place}\0hunk`, file, hunk };
  const { lines, pairs } = prepared(hunk, file.path, whitespace);
  const rows = split
    ? pairs.map((pair) => ({ kind: "pair" as const, key: pair.key, pair, on: [pair.left, pair.right] }))
    : lines.map((line) => ({ kind: "line" as const, key: line.key, line, on: [line] }));
  for (const { on, ...row } of rows) {
    yield { ...row, key: `${place}\0${row.key}`, file };
    const seen = new Set<string>();
    for (const line of on) {
      const key = line && keyOfSpot(spotOf(file.path, line));
      const spot = key ? commented.get(key) : undefined;
      if (!key || !spot || seen.has(key)) continue;
      seen.add(key);
      yield { kind: "comment", key: `${key}\0comment`, file, spot };
    }
  }
}

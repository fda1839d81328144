import type { DiffLine, Hunk } from "@/api/types";

/** A line with its numbers on both sides. */
export interface Numbered extends DiffLine {
  key: string;
  /** Number before; null for a line that was added. */
  old: number | null;
  /** Number after; null for a line that was removed. */
  new: number | null;
}

/** What stands beside each other. */
export interface Pair<Line = Numbered> {
  key: string;
  left: Line | null;
  right: Line | null;
}

/** The lines of a hunk with their numbers. */
export function numbered(hunk: Hunk): Numbered[] {
  let before = hunk.old_start;
  let after = hunk.new_start;
  return hunk.lines.map((line) => {
    const old = line.kind === "added" ? null : before++;
    const next = line.kind === "removed" ? null : after++;
    return { ...line, old, new: next, key: `${old}:${next}` };
  });
}

/** Removed lines beside those that were added in their place. */
export function sideBySide<Line extends Numbered>(lines: readonly Line[]): Pair<Line>[] {
  const pairs: Pair<Line>[] = [];
  let removed: Line[] = [];
  let added: Line[] = [];
  const flush = () => {
    for (let at = 0; at < Math.max(removed.length, added.length); at += 1) {
      const [left, right] = [removed[at] ?? null, added[at] ?? null];
      pairs.push({ key: `${left?.key}|${right?.key}`, left, right });
    }
    removed = [];
    added = [];
  };
  for (const line of lines) {
    if (line.kind === "removed") {
      if (added.length > 0) flush();
      removed.push(line);
    } else if (line.kind === "added") added.push(line);
    else {
      flush();
      pairs.push({ key: line.key, left: line, right: line });
    }
  }
  flush();
  return pairs;
}

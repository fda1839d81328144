import type { DiffLine } from "@/api/types";

/**
 * The lines without changes of nothing but white space: where removed lines are followed by as many added ones
 * that say the same, what is there now is shown as unchanged. A change that says something stays whole.
 */
export function withoutWhitespace<Line extends DiffLine & { old: number | null; new: number | null }>(
  lines: readonly Line[],
): Line[] {
  const result: Line[] = [];
  for (let at = 0; at < lines.length; ) {
    const removed = takeWhile(lines, at, "removed");
    const added = takeWhile(lines, at + removed.length, "added");
    if (
      removed.length > 0 &&
      removed.length === added.length &&
      removed.every((line, n) => saysSame(line, added[n]))
    ) {
      const same = added.map((line, n): Line => ({ ...line, kind: "context", old: removed[n]?.old ?? null }));
      result.push(...same);
      at += removed.length + added.length;
    } else {
      const taken = Math.max(1, removed.length + added.length);
      result.push(...lines.slice(at, at + taken));
      at += taken;
    }
  }
  return result;
}

function takeWhile<Line extends DiffLine>(lines: readonly Line[], from: number, kind: Line["kind"]): Line[] {
  let to = from;
  while (lines[to]?.kind === kind) to += 1;
  return lines.slice(from, to);
}

function saysSame(a: DiffLine, b: DiffLine | undefined): boolean {
  const words = (line: DiffLine | undefined) => line?.text.replaceAll(/\s+/g, "");
  return words(a) === words(b);
}

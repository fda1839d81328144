import { structuredPatch } from "diff";
import { type Arguments, text } from "./arguments";
import type { Diff, DiffHunk, DiffLine } from "./diff-data";
import { applied, linesOf, type PlannedEdit, plannedEdits } from "./planned-edits";

/** Lines around a change, as in the diff of a call that was made. */
const CONTEXT = 3;
/** Texts that differ in more than this take longer than anybody waits. */
const MOST_MS = 1_000;

/** What a call would change. */
export interface PlannedDiff extends Diff {
  /** Whether its places are known: where they are not, the tool finds them or refuses. */
  placed: boolean;
}

/**
 * What `write_file` or `edit_file` with these arguments would make of a file; `before` is null where there is none.
 * Null where that cannot be told.
 */
export function plannedDiff(
  tool: string,
  path: string,
  given: Arguments,
  before: string | null,
): PlannedDiff | null {
  const old = linesOf(before ?? "");
  if (tool === "write_file") return compared(path, old, linesOf(text(given, "content")));
  const edits = tool === "edit_file" ? plannedEdits(given) : null;
  if (!edits) return null;
  const after = before === null ? null : applied(old, edits);
  return after ? compared(path, old, after) : unplaced(path, edits);
}

function compared(path: string, before: readonly string[], after: readonly string[]): PlannedDiff | null {
  const patch = structuredPatch(path, path, joined(before), joined(after), "", "", {
    context: CONTEXT,
    timeout: MOST_MS,
  });
  if (!patch) return null;
  const hunks = patch.hunks.map(({ oldStart, newStart, lines }) => numbered(oldStart, newStart, lines));
  return { path, ...counted(hunks), hunks, corrected: false, placed: true };
}

const joined = (lines: readonly string[]) => lines.map((line) => `${line}\n`).join("");

/** A hunk of a unified diff, each line with its numbers. */
function numbered(oldStart: number, newStart: number, lines: readonly string[]): DiffHunk {
  let [old, now] = [oldStart, newStart];
  return {
    key: `${oldStart}:${newStart}`,
    lines: lines.map((line): DiffLine => {
      const kind = line.startsWith("+") ? "add" : line.startsWith("-") ? "del" : "context";
      const here = {
        kind,
        text: line.slice(1),
        oldNumber: kind === "add" ? null : old,
        newNumber: kind === "del" ? null : now,
      } as const;
      if (kind !== "add") old += 1;
      if (kind !== "del") now += 1;
      return here;
    }),
  };
}

/** The edits as they were sent, without places. */
function unplaced(path: string, edits: readonly PlannedEdit[]): PlannedDiff {
  const line =
    (kind: DiffLine["kind"]) =>
    (words: string): DiffLine => ({
      kind,
      text: words,
      oldNumber: null,
      newNumber: null,
    });
  const hunks = edits.map(({ first, last, added }, at) => ({
    key: `edit:${at}`,
    lines: [
      ...first.map(line("del")),
      ...(last === null ? [] : ["⋯", ...last].map(line("del"))),
      ...added.map(line("add")),
    ],
  }));
  return { path, ...counted(hunks), hunks, corrected: false, placed: false };
}

function counted(hunks: readonly DiffHunk[]): { added: number; removed: number } {
  const lines = hunks.flatMap((hunk) => hunk.lines);
  const count = (kind: DiffLine["kind"]) => lines.filter((line) => line.kind === kind).length;
  return { added: count("add"), removed: count("del") };
}

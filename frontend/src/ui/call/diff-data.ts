import { isRecord, number, text } from "./arguments";

export type DiffKind = "context" | "add" | "del";

export interface DiffLine {
  kind: DiffKind;
  text: string;
  /** Line number in the old file; null for added lines. */
  oldNumber: number | null;
  /** Line number in the new file; null for removed lines. */
  newNumber: number | null;
}

export interface DiffHunk {
  key: string;
  lines: DiffLine[];
}

export interface Diff {
  path: string;
  added: number;
  removed: number;
  hunks: DiffHunk[];
  /** Whether the call was applied elsewhere than its line numbers said. */
  corrected: boolean;
}

/** The diff in a tool's data, if there is one. */
export function readDiff(data: unknown): Diff | null {
  if (!isRecord(data) || !Array.isArray(data.hunks)) return null;
  return {
    path: text(data, "path"),
    added: number(data, "added") ?? 0,
    removed: number(data, "removed") ?? 0,
    hunks: data.hunks.filter(isRecord).map(readHunk),
    corrected: data.corrected === true,
  };
}

function readHunk(hunk: Record<string, unknown>): DiffHunk {
  const oldStart = number(hunk, "old_start") ?? 1;
  const newStart = number(hunk, "new_start") ?? 1;
  let [oldNumber, newNumber] = [oldStart, newStart];
  const lines = Array.isArray(hunk.lines) ? hunk.lines.filter(isRecord) : [];
  return {
    key: `${oldStart}:${newStart}`,
    lines: lines.map((line): DiffLine => {
      const kind = kindOf(text(line, "tag"));
      const numbered = {
        kind,
        text: text(line, "text"),
        oldNumber: kind === "add" ? null : oldNumber,
        newNumber: kind === "del" ? null : newNumber,
      };
      if (kind !== "add") oldNumber += 1;
      if (kind !== "del") newNumber += 1;
      return numbered;
    }),
  };
}

function kindOf(word: string): DiffKind {
  return word === "add" || word === "del" ? word : "context";
}

import { type Arguments, isRecord, text } from "./arguments";

/** What stands for the lines between the first and the last one of a range. */
const BETWEEN = "[TO]";
/** How far a stated number may be off where the text settles the place; as the tool has it. */
const TOLERANCE = 3;

/** One edit of a call that is not made yet: lines by their text, and where they are said to be. */
export interface PlannedEdit {
  /** The lines that it would take away; where only the ends of a range were given, these, with a gap. */
  first: readonly string[];
  last: readonly string[] | null;
  added: readonly string[];
  /** Number of the first line from 1, 0 for the top of the file; null where it makes no sense. */
  from: number | null;
  to: number | null;
}

/** The edits in the arguments of `edit_file`; null where they are none. */
export function plannedEdits(given: Arguments): PlannedEdit[] | null {
  const sent = typeof given.edits === "string" ? parsed(given.edits) : given.edits;
  const list = Array.isArray(sent) ? sent : [sent];
  if (list.length === 0 || !list.every(isRecord)) return null;
  return list.map(plannedEdit);
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return null;
  }
}

function plannedEdit(edit: Arguments): PlannedEdit {
  const [, from, to = from] =
    /^\D?(\d+)(?:[-–—:]\D?(\d+))?$/.exec(String(edit.remove_line_number).trim()) ?? [];
  const removed = linesOf(text(edit, "content_to_remove"));
  const gap = removed.findIndex((line) => line.trim() === BETWEEN);
  return {
    first: gap < 0 ? removed : removed.slice(0, gap),
    last: gap < 0 ? null : removed.slice(gap + 1),
    added: linesOf(text(edit, "replace_content")),
    from: from === undefined ? null : Number(from),
    to: to === undefined ? null : Number(to),
  };
}

/** The lines of a text; what ends the last one begins no other. */
export function linesOf(content: string): string[] {
  if (content === "") return [];
  const lines = content.split(/\r\n|\n/);
  if (lines.at(-1) === "") lines.pop();
  return lines;
}

/**
 * What a file would be after these edits, if every one of them has one place only: the stated lines, or the one place
 * near by where its text stands. Null where the tool would have to find or to refuse it.
 */
export function applied(before: readonly string[], edits: readonly PlannedEdit[]): string[] | null {
  const spans: { start: number; end: number; added: readonly string[] }[] = [];
  for (const edit of edits) {
    const span = placeOf(before, edit);
    if (!span) return null;
    spans.push({ ...span, added: edit.added });
  }
  spans.sort((a, b) => a.start - b.start);
  if (spans.some(({ start }, at) => start < (spans[at - 1]?.end ?? 0))) return null;
  const after: string[] = [];
  let done = 0;
  for (const { start, end, added } of spans) {
    after.push(...before.slice(done, start), ...added);
    done = end;
  }
  return [...after, ...before.slice(done)];
}

/** The lines that an edit means, counted from 0. */
function placeOf(lines: readonly string[], edit: PlannedEdit): { start: number; end: number } | null {
  const { from, to, first, last } = edit;
  if (from === null || to === null || to < from) return null;
  if (first.every((line) => line.trim() === "") && last === null && (from === 0 || lines.length === 0))
    return { start: 0, end: 0 };
  if (from === 0 || first.length === 0) return null;
  const stated = to - from + 1;
  // A block that was pasted under one number begins there; else both must agree.
  if (last === null && stated > 1 && first.length !== stated) return null;
  const length = last === null ? first.length : stated;
  if (last !== null && length < first.length + last.length) return null;
  const fits = (start: number) =>
    start >= 0 &&
    start + length <= lines.length &&
    stands(lines, start, first) &&
    (last === null || stands(lines, start + length - last.length, last));
  if (fits(from - 1)) return { start: from - 1, end: from - 1 + length };
  const near = Array.from({ length: 2 * TOLERANCE + 1 }, (_, at) => from - 1 - TOLERANCE + at).filter(fits);
  const [only] = near;
  return only !== undefined && near.length === 1 ? { start: only, end: only + length } : null;
}

/** Whether these lines stand there; white space at their ends may differ, as the tool has it. */
function stands(lines: readonly string[], start: number, wanted: readonly string[]): boolean {
  return wanted.every((line, at) => lines[start + at]?.trimEnd() === line.trimEnd());
}

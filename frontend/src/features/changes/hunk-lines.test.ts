import { expect, test } from "vitest";
import type { DiffLine, Hunk } from "@/api/types";
import { numbered, sideBySide } from "./hunk-lines";

const line = (kind: DiffLine["kind"], text: string): DiffLine => ({ kind, text });

const hunk: Hunk = {
  index: 0,
  old_start: 10,
  old_lines: 4,
  new_start: 12,
  new_lines: 4,
  lines: [
    line("context", "a"),
    line("removed", "b"),
    line("removed", "c"),
    line("added", "B"),
    line("context", "d"),
    line("added", "e"),
  ],
};

test("lines are numbered on the sides where they are", () => {
  const numbers = numbered(hunk).map((one) => [one.old, one.new]);
  expect(numbers).toEqual([
    [10, 12],
    [11, null],
    [12, null],
    [null, 13],
    [13, 14],
    [null, 15],
  ]);
});

test("what was replaced stands beside what replaced it", () => {
  const texts = sideBySide(numbered(hunk)).map(({ left, right }) => [left?.text, right?.text]);
  expect(texts).toEqual([
    ["a", "a"],
    ["b", "B"],
    ["c", undefined],
    ["d", "d"],
    [undefined, "e"],
  ]);
});

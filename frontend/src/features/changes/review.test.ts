import { act, renderHook } from "@testing-library/react";
import fc from "fast-check";
import { afterEach, describe, expect, test } from "vitest";
import type { DiffLine } from "@/api/types";
import { numbered } from "./hunk-lines";
import { nextIndex } from "./next-change";
import { useViewed } from "./viewed";
import { withoutWhitespace } from "./whitespace";

afterEach(() => localStorage.clear());

const line = (text: string): DiffLine => {
  const kinds: Record<string, DiffLine["kind"]> = { "+": "added", "-": "removed", " ": "context" };
  return { kind: kinds[text[0] ?? ""] ?? "context", text: text.slice(1), no_newline: false };
};
const hunk = (lines: string[]) =>
  numbered({ index: 0, old_start: 1, old_lines: 0, new_start: 1, new_lines: 0, lines: lines.map(line) });
const shown = (lines: string[]) => withoutWhitespace(hunk(lines)).map(({ kind, text }) => `${kind}:${text}`);

describe("withoutWhitespace", () => {
  test("a change of indentation only is none", () => {
    expect(shown(["-a();", "-b();", "+  a();", "+  b();"])).toEqual(["context:  a();", "context:  b();"]);
  });

  test("a change that says something stays whole", () => {
    expect(shown(["-a();", "-b();", "+  a();", "+  c();"])).toHaveLength(4);
    expect(shown(["-a();", "+ a();", "+b();"])).toHaveLength(3);
  });

  test("what is there now stays, line for line", () => {
    const some = fc.array(fc.constantFrom("+a", "+ a", "-a", "-  a", " b", "+", "-b"), { maxLength: 12 });
    fc.assert(
      fc.property(some, (lines) => {
        const present = (all: readonly { kind: string; text: string; new: number | null }[]) =>
          all.filter(({ kind }) => kind !== "removed").map(({ text, new: number }) => [text, number]);
        expect(present(withoutWhitespace(hunk(lines)))).toEqual(present(hunk(lines)));
      }),
      { seed: 5 },
    );
  });
});

test("the next change is behind the one that is looked at", () => {
  expect(nextIndex([-300, 10, 400], -1, 1)).toBe(2);
  expect(nextIndex([-300, 10, 400], -1, -1)).toBe(0);
  expect(nextIndex([-300, 10, 400], 1, 1)).toBe(2);
  expect(nextIndex([-300, 10, 400], 2, 1)).toBeNull();
  expect(nextIndex([-300, 10, 400], 0, -1)).toBeNull();
  expect(nextIndex([], -1, 1)).toBeNull();
});

test("what was viewed is kept, until the file changes again", () => {
  const { result, unmount } = renderHook(() => useViewed("conv_1"));
  act(() => result.current.setViewed("a.txt", "cp_1", true));
  unmount();
  const again = renderHook(() => useViewed("conv_1")).result;
  expect(again.current.isViewed("a.txt", "cp_1")).toBe(true);
  expect(again.current.isViewed("a.txt", "cp_2")).toBe(false);
  act(() => again.current.setViewed("a.txt", "cp_1", false));
  expect(localStorage.length).toBe(0);
});

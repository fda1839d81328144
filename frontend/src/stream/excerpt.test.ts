import fc from "fast-check";
import { expect, test } from "vitest";
import { appendOutput, byteLength, EMPTY_EXCERPT, EXCERPT_BYTES } from "./excerpt";

const characters = fc.string({ unit: "grapheme", maxLength: 3_000 });

test("keeps the beginning and the end, and counts what is left out", () => {
  fc.assert(
    fc.property(fc.array(characters, { maxLength: 12 }), (pieces) => {
      const excerpt = pieces.reduce((sum, piece) => appendOutput(sum, piece), EMPTY_EXCERPT);
      const whole = pieces.join("");
      expect(whole.startsWith(excerpt.head)).toBe(true);
      expect(whole.endsWith(excerpt.tail)).toBe(true);
      expect(byteLength(excerpt.head)).toBeLessThanOrEqual(EXCERPT_BYTES);
      expect(byteLength(excerpt.tail)).toBeLessThanOrEqual(EXCERPT_BYTES);
      const kept = byteLength(excerpt.head) + byteLength(excerpt.tail);
      expect(kept + excerpt.omitted_bytes).toBe(byteLength(whole));
    }),
    { numRuns: 60 },
  );
});

test("output that was skipped counts as left out and voids the end so far", () => {
  const before = appendOutput(appendOutput(EMPTY_EXCERPT, "h".repeat(EXCERPT_BYTES)), "old end");
  expect(appendOutput(before, "new end", 100)).toEqual({
    head: "h".repeat(EXCERPT_BYTES),
    tail: "new end",
    omitted_bytes: 107,
  });
});

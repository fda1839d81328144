import { expect, test } from "vitest";
import { format } from "./format";

test("fills in values and chooses plurals", () => {
  const lines = "{n, plural, =0 {nothing} one {# line} other {# lines}} in {path}";
  expect(format(lines, { n: 0, path: "a" })).toBe("nothing in a");
  expect(format(lines, { n: 1, path: "a" })).toBe("1 line in a");
  expect(format(lines, { n: 1200, path: "{x}" })).toBe("1,200 lines in {x}");
});

test("shows nothing for a value that is missing", () => {
  expect(format("a {b} c", {})).toBe("a  c");
});

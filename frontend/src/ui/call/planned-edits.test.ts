import fc from "fast-check";
import { expect, test } from "vitest";
import { applied, linesOf, plannedEdits } from "./planned-edits";

const FILE = ["fn main() {", "    one();", "    two();", "    three();", "}"];

function check(edits: unknown, expected: string[] | null) {
  const planned = plannedEdits({ edits });
  expect(planned && applied(FILE, planned)).toEqual(expected);
}

const edit = (lines: string, removed: string, added: string) => ({
  remove_line_number: lines,
  content_to_remove: removed,
  replace_content: added,
});

test("one line, a block and a range by its ends are replaced where they are said to be", () => {
  check([edit("2", "    one();", "    1();")], [FILE[0], "    1();", ...FILE.slice(2)] as string[]);
  check([edit("2-3", "    one();\n    two();", "")], [FILE[0], "    three();", "}"] as string[]);
  check([edit("2-4", "    one();\n[TO]\n    three();", "x\n")], ["fn main() {", "x", "}"]);
});

test("a text that stands at one place near by settles it, and white space at the end of lines does not matter", () => {
  check([edit("4", "    two();  ", "x")], ["fn main() {", "    one();", "x", "    three();", "}"]);
});

test("the top of a file takes lines without any going", () => {
  check([edit("0", "", "use a;\n")], ["use a;", ...FILE]);
});

test("several edits are made at once, whatever their order, and none where two meet", () => {
  check(
    [edit("4", "    three();", "3"), edit("2", "    one();", "1")],
    ["fn main() {", "1", "    two();", "3", "}"],
  );
  check([edit("2-3", "    one();\n    two();", ""), edit("3", "    two();", "x")], null);
});

test("what the tool would refuse or look for is not guessed", () => {
  check([edit("2", "nowhere", "x")], null);
  check([edit("2-4", "    one();\n    two();", "x")], null);
  check([edit("two", "    one();", "x")], null);
  check([edit("0", "    one();", "x")], null);
  expect(plannedEdits({ edits: "no list" })).toBeNull();
  expect(plannedEdits({})).toBeNull();
});

test("edits are understood as the tool understands them: one alone, or as text", () => {
  const one = edit("2", "    one();", "x");
  expect(plannedEdits({ edits: one })).toEqual(plannedEdits({ edits: [one] }));
  expect(plannedEdits({ edits: JSON.stringify([one]) })).toEqual(plannedEdits({ edits: [one] }));
  expect(plannedEdits({ edits: { ...one, remove_line_number: 2 } })).toEqual(plannedEdits({ edits: [one] }));
});

test("whatever is replaced, all other lines stay", () => {
  const line = fc.string({ maxLength: 3 }).map((text) => text.replaceAll(/[\r\n]/g, "") || "x");
  fc.assert(
    fc.property(
      fc.array(line, { minLength: 1, maxLength: 8 }),
      fc.nat(),
      fc.array(line),
      (lines, at, added) => {
        const from = at % lines.length;
        const given = edit(String(from + 1), lines[from] ?? "", added.join("\n"));
        const after = applied(lines, plannedEdits({ edits: [given] }) ?? []);
        // An empty first line may be the top as well.
        expect(after).toEqual([
          ...lines.slice(0, from),
          ...linesOf(added.join("\n")),
          ...lines.slice(from + 1),
        ]);
      },
    ),
  );
});

import fc from "fast-check";
import { expect, test } from "vitest";
import { rowsOfTable, separatorOf } from "./csv";
import { hexLines } from "./hex";

test.each<[string, string[][]]>([
  [
    "a,b\nc,d\n",
    [
      ["a", "b"],
      ["c", "d"],
    ],
  ],
  [
    "a,b\r\nc,\r\n",
    [
      ["a", "b"],
      ["c", ""],
    ],
  ],
  ['"a,1","say ""hi""","two\nlines"', [["a,1", 'say "hi"', "two\nlines"]]],
  ['5" disk,x', [['5" disk', "x"]]],
  ['"a"b,c', [["ab", "c"]]],
  ["a,", [["a", ""]]],
  ["\na", [[""], ["a"]]],
  ["", []],
  ['"never closed', [["never closed"]]],
])("%j is read as a table", (text, rows) => {
  expect(rowsOfTable(text, separatorOf("a.csv"))).toEqual(rows);
});

test("what is written as a table is read as it was", () => {
  const value = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " ", "é"), maxLength: 6 });
  const table = fc.array(fc.array(value, { minLength: 1, maxLength: 4 }), { maxLength: 5 });
  fc.assert(
    fc.property(table, (rows) => {
      const text = rows.map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(",")).join("\n");
      expect(rowsOfTable(text, ",")).toEqual(rows);
    }),
    { seed: 7 },
  );
});

test("bytes are shown with their place, their values and their letters", () => {
  const bytes = new TextEncoder().encode("Slipway\0 writes\n!");
  expect(hexLines(bytes).split("\n")).toEqual([
    "00000000  53 6c 69 70 77 61 79 00  20 77 72 69 74 65 73 0a  Slipway. writes.",
    `00000010  21${" ".repeat(21)}  ${" ".repeat(23)}  !`,
  ]);
});

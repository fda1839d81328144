import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Block, blocksOf } from "./blocks";
import { BlockSplitter, hasReferences } from "./splitter";

const PIECES = [
  "# Title\n",
  "A paragraph with **bold** and `code`.\n",
  "second line\n",
  "\n",
  "- one\n",
  "- two\n  more\n",
  "  1. nested\n",
  "```rust\nfn main() {}\n\n# not a title\n```\n",
  "~~~\nopen fence\n",
  "> quote\n",
  "| a | b |\n|---|---|\n| 1 | 2 |\n",
  "Setext\n===\n",
  "    indented code\n",
  "<div>\nhtml\n</div>\n",
  "<!-- comment\n\nstill -->\n",
  "---\n",
  "* * *\n",
  "#hashtag and 日本語\n",
  "trailing text",
];

const documents = fc.array(fc.constantFrom(...PIECES), { maxLength: 14 }).map((pieces) => pieces.join(""));

function streamed(text: string, cuts: readonly number[]): Block[] {
  const splitter = new BlockSplitter();
  const ends = cuts.map((cut) => cut % (text.length + 1)).sort((a, b) => a - b);
  for (const end of ends) splitter.update(text.slice(0, end));
  const { frozen, tail } = splitter.update(text);
  return [...frozen, ...tail];
}

describe("BlockSplitter", () => {
  test("gives the blocks of the whole text however it arrives", () => {
    fc.assert(
      fc.property(documents, fc.array(fc.nat(2_000), { maxLength: 25 }), (text, cuts) => {
        expect(streamed(text, cuts)).toEqual(blocksOf(text));
      }),
      { numRuns: 600 },
    );
  });

  test("loses no character", () => {
    fc.assert(
      fc.property(documents, (text) => {
        expect(
          blocksOf(text)
            .map(({ raw }) => raw)
            .join(""),
        ).toBe(text);
      }),
    );
  });

  test("keeps finished blocks as they are", () => {
    const splitter = new BlockSplitter();
    const first = splitter.update("One.\n\nTwo.\n\nThree").frozen;
    const second = splitter.update("One.\n\nTwo.\n\nThree and more.\n\nFour\n").frozen;
    expect(first).toHaveLength(1);
    expect(second[0]).toBe(first[0]);
  });

  test("does not take a half line for what it may not become", () => {
    const splitter = new BlockSplitter();
    splitter.update("text\n#");
    expect(splitter.update("text\n#hashtag\n\nend\n").frozen).toEqual([{ raw: "text\n#hashtag\n\n" }]);
  });

  test("begins anew with another text", () => {
    const splitter = new BlockSplitter();
    splitter.update("One.\n\nTwo.\n\n");
    expect(streamed("Other", [])).toEqual(blocksOf("Other"));
    expect(splitter.update("Other")).toEqual({ frozen: [], tail: [{ raw: "Other" }] });
  });

  test("knows code blocks, open and closed", () => {
    expect(blocksOf("```ts\nlet a;\n")[0]?.code).toEqual({ language: "ts", text: "let a;", closed: false });
    expect(blocksOf("```ts\nlet a;\n```\n")[0]?.code).toEqual({
      language: "ts",
      text: "let a;",
      closed: true,
    });
  });
});

test("link definitions make a text one that must be read as a whole", () => {
  expect(hasReferences("See [it][1].\n\n[1]: https://example.com\n")).toBe(true);
  expect(hasReferences("See [it](https://example.com), array[1]: no\n")).toBe(false);
});

import fc from "fast-check";
import type { Nodes } from "mdast";
import { describe, expect, test } from "vitest";
import { blocksOf } from "./blocks";
import { parse } from "./parse";
import { hasReferences } from "./splitter";

const LINES = [
  "# Title",
  "text with **bold**",
  "- one",
  "  more of it",
  "* * *",
  "10. ten",
  "   1. nested",
  "    deep",
  "```rust",
  "```",
  "````",
  "   ```sh",
  "  ```",
  "~~~",
  "> quote",
  "> ```",
  "| a | b |",
  "|---|---|",
  "===",
  "---",
  "-",
  "<div>",
  "<!-- comment",
  "still -->",
  "<pre>",
  "</pre>",
  "\tafter a tab",
  "trailing `code`",
  " ",
  "",
  "",
  "",
];

const documents = fc.array(fc.constantFrom(...LINES), { maxLength: 14 }).map((lines) => lines.join("\n"));

/** The same texts each time; other ones are looked for with `BLOCKS_SEED` and `BLOCKS_RUNS`. */
const SEED = Number(process.env.BLOCKS_SEED ?? 1);
const RUNS = Number(process.env.BLOCKS_RUNS ?? 1_500);

/** A tree without positions, and without blank lines at the end of code, which nobody sees. */
function shape(node: Nodes): unknown {
  const { position: _, ...rest } = node;
  if (node.type === "code") return { ...rest, value: node.value.trimEnd() };
  return "children" in node ? { ...rest, children: node.children.map(shape) } : rest;
}

describe("blocksOf", () => {
  test("cuts nowhere where it would change what a text means", () => {
    fc.assert(
      fc.property(documents, (text) => {
        fc.pre(!hasReferences(text));
        const apart = blocksOf(text).flatMap(({ raw }) => parse(raw).children);
        expect(apart.map(shape)).toEqual(parse(text).children.map(shape));
      }),
      { numRuns: RUNS, seed: SEED },
    );
  }, 120_000);

  test("knows code as the parser does", () => {
    fc.assert(
      fc.property(documents, (text) => {
        for (const { raw, code } of blocksOf(text)) {
          if (!code) continue;
          const [node, ...others] = parse(raw).children;
          expect(others).toEqual([]);
          expect(node).toMatchObject({ type: "code", value: code.text, lang: code.language || null });
        }
      }),
      { numRuns: RUNS, seed: SEED },
    );
  }, 120_000);

  test("cuts where a message usually can be", () => {
    const steps = "Steps:\n\n1. First\n   ```sh\n   make\n\n   ```\n2. Second\n\n";
    const text = `# A\n\nOne.\n\n${steps}Done:\n\`\`\`ts\nlet a;\n\`\`\`\nEnd.\n\n| a |\n|---|\n`;
    expect(blocksOf(text).map(({ raw }) => raw)).toEqual([
      "# A\n\n",
      "One.\n\n",
      "Steps:\n\n",
      steps.slice("Steps:\n\n".length),
      "Done:\n",
      "```ts\nlet a;\n```\n",
      "End.\n\n",
      "| a |\n|---|\n",
    ]);
  });
});

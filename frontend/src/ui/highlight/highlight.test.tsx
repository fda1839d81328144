import { LanguageDescription } from "@codemirror/language";
import { languages } from "@codemirror/language-data";
import { render, screen } from "@testing-library/react";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { useDiffColours } from "../diff-colours";
import { LinesText, LineText } from "./token-text";
import { type Clock, tokenLines } from "./tokens";
import { useHighlight } from "./use-highlight";

const loaded = await LanguageDescription.matchLanguageName(languages, "javascript")?.load();
if (!loaded) throw new Error("JavaScript must be known");
const { parser } = loaded.language;
const quiet = () => new AbortController().signal;
const still: Clock = { now: () => 0, pause: async () => undefined };

/** A clock on which every look takes as long as a whole slice. */
function slow() {
  let [time, pauses] = [0, 0];
  const clock: Clock = {
    now: () => (time += 10),
    pause: async () => {
      pauses += 1;
    },
  };
  return { clock, pauses: () => pauses };
}

const joined = (lines: readonly (readonly { text: string }[])[] | null) =>
  lines?.map((line) => line.map(({ text }) => text).join("")).join("\n");

describe("tokenLines", () => {
  test("loses no character of any text, in whatever slices", async () => {
    const piece = fc.constantFrom(
      "let a = 1;",
      "\n",
      "`${",
      "}`",
      "/*",
      "*/",
      "// x\n",
      "'",
      "日本",
      " ",
      "<b>",
      "{",
    );
    const texts = fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(""));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(joined(await tokenLines(text, parser, quiet(), still))).toBe(text);
        expect(await tokenLines(text, parser, quiet(), slow().clock)).toEqual(
          await tokenLines(text, parser, quiet(), still),
        );
      }),
      { seed: 11, numRuns: 60 },
    );
  });

  test("gives way in the middle of a long text", async () => {
    const { clock, pauses } = slow();
    await tokenLines("let a = 1;\n".repeat(500), parser, quiet(), clock);
    expect(pauses()).toBeGreaterThan(100);
  });

  test("ends at once when nobody wants it any more", async () => {
    const stop = new AbortController();
    let pauses = 0;
    const clock: Clock = {
      ...slow().clock,
      pause: async () => {
        pauses += 1;
        stop.abort();
      },
    };
    expect(await tokenLines("let a = 1;\n".repeat(500), parser, stop.signal, clock)).toBeNull();
    expect(pauses).toBe(1);
  });
});

function Code({ text, language, wanted }: { text: string; language: string; wanted?: boolean }) {
  const lines = useHighlight(text, { language }, wanted);
  return <pre data-coloured={lines !== null}>{lines ? <LinesText lines={lines} /> : text}</pre>;
}

test("code is plain at first and then in the colours of its language", async () => {
  const { container } = render(<Code language="js" text={'const a = "b";\n// c'} />);
  expect(container.textContent).toBe('const a = "b";\n// c');
  const string = await screen.findByText('"b"');
  expect(string.className).toContain("tok-string");
  expect(container.textContent).toBe('const a = "b";\n// c');
});

test("what still grows, and what nobody knows, stays plain", async () => {
  const { container } = render(
    <>
      <Code language="js" text="let grows;" wanted={false} />
      <Code language="no-such-language" text="let unknown;" />
      <Code language="js" text="let done;" />
    </>,
  );
  await screen.findByText("done");
  expect(container.querySelectorAll("[data-coloured=true]")).toHaveLength(1);
});

function Comparison() {
  const colours = useDiffColours("src/a.js", [
    { text: "/* one", side: "before" },
    { text: "let two = 2;", side: "both" },
    { text: "let three = 3;", side: "after" },
  ]);
  return colours.map((tokens, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: they do not move
    <p key={index}>{tokens && <LineText tokens={tokens} />}</p>
  ));
}

test("what was removed does not colour what was added", async () => {
  render(<Comparison />);
  expect((await screen.findByText("/* one")).className).toContain("tok-comment");
  expect((await screen.findByText("3")).className).toContain("tok-number");
  expect((await screen.findByText("2")).className).toContain("tok-number");
});

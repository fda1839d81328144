import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseAnsi } from "./screen";

const plain = (text: string) => parseAnsi(text).map((spans) => spans.map((span) => span.text).join(""));

describe("parseAnsi", () => {
  test("reads colours of all depths", () => {
    const styles = parseAnsi(
      "\x1b[31mred\x1b[0m \x1b[1;92mgreen\x1b[m\x1b[38;5;196mcube\x1b[48;2;1;2;3mtrue",
    )[0]?.map((span) => span.style);
    expect(styles).toEqual([
      { foreground: 1 },
      {},
      { bold: true, foreground: 10 },
      { foreground: "#ff0000" },
      { foreground: "#ff0000", background: "#010203" },
    ]);
  });

  test("a colour goes on over line ends until it is switched off", () => {
    const [first, second] = parseAnsi("\x1b[33ma\nb\x1b[39mc");
    expect(first?.[0]?.style).toEqual({ foreground: 3 });
    expect(second?.map(({ style }) => style.foreground)).toEqual([3, undefined]);
  });

  test("a carriage return writes over the line, as progress bars do", () => {
    expect(plain("10%\r50%\r100%\ndone\r\n")).toEqual(["100%", "done", ""]);
    expect(plain("a long line\rshort\x1b[K")).toEqual(["short"]);
  });

  test("backspace, tab and cursor moves in the line", () => {
    expect(plain("abc\b\bX")).toEqual(["aXc"]);
    expect(plain("a\tb")).toEqual(["a       b"]);
    expect(plain("abc\x1b[2DX\x1b[10GY")).toEqual(["aXc      Y"]);
    expect(plain("gone\x1b[2Kx")).toEqual(["    x"]);
  });

  test("drops everything else that a terminal could be told", () => {
    expect(
      plain("a\x1b]0;title\x07b\x1b]8;;https://evil.example\x1b\\c\x1b[2Jd\x1b[?25le\x1bPq\x1b\\f\x1b(Bg"),
    ).toEqual(["abcdefg"]);
  });

  test("never lets a control character through, and never fails", () => {
    const bytes = fc.array(
      fc.oneof(
        fc.constantFrom(
          "\x1b",
          "[",
          "]",
          ";",
          "m",
          "38",
          "5",
          "\r",
          "\b",
          "\t",
          "\x07",
          "\x9b",
          "\n",
          "9999999999",
          "G",
          "K",
        ),
        fc.string(),
      ),
    );
    fc.assert(
      fc.property(bytes, (pieces) => {
        for (const line of plain(pieces.join(""))) {
          // biome-ignore lint/suspicious/noControlCharactersInRegex: that is the point
          expect(line).not.toMatch(/[\x00-\x1f\x7f-\x9f]/);
        }
      }),
      { numRuns: 500 },
    );
  });

  test("a hostile jump to the right costs no memory", () => {
    expect(plain("\x1b[999999999C\x1b[999999999Gx")[0]?.length).toBeLessThan(1_000);
  });
});

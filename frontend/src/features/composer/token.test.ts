import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tokenAt, withMention } from "./token";

describe("tokenAt", () => {
  test.each([
    ["/", { kind: "command", query: "" }],
    ["/sto", { kind: "command", query: "sto" }],
    ["@", { kind: "mention", query: "", from: 0, to: 1 }],
    ["look at @src/ma", { kind: "mention", query: "src/ma", from: 8, to: 15 }],
    ["(@a", { kind: "mention", query: "a", from: 1, to: 3 }],
    ["/etc/hosts", null],
    ["see /stop", null],
    ["me@example.com", null],
    ["@done ", null],
    ["", null],
  ])("%s", (text, token) => expect(tokenAt(text, text.length)).toEqual(token));

  test("only what is before the caret counts", () => {
    expect(tokenAt("@src and more", 4)).toEqual({ kind: "mention", query: "src", from: 0, to: 4 });
    expect(tokenAt("/stop it", 5)).toBeNull();
  });
});

describe("withMention", () => {
  const complete = (text: string, path: string) => {
    const token = tokenAt(text, text.length);
    if (token?.kind !== "mention") throw new Error("there must be a mention");
    return withMention(text, token, path);
  };

  test("a file is followed by a blank, a directory by more of the path", () => {
    expect(complete("see @ma", "src/main.rs")).toEqual({ text: "see @src/main.rs ", caret: 17 });
    expect(complete("see @s", "src/")).toEqual({ text: "see @src/", caret: 9 });
  });

  test("a path with blanks is quoted", () => {
    expect(complete("@no", "my notes.txt").text).toBe('@"my notes.txt" ');
  });

  test("what stands around it stays", () => {
    const word = fc.stringMatching(/^[a-z ]{0,12}$/);
    fc.assert(
      fc.property(word, word, (before, after) => {
        const text = `${before} @a${after === "" ? "" : ` ${after}`}`;
        const token = tokenAt(text, before.length + 3);
        if (token?.kind !== "mention") throw new Error("there must be a mention");
        const changed = withMention(text, token, "a.txt").text;
        expect(changed.startsWith(`${before} @a.txt`)).toBe(true);
        expect(changed.endsWith(after)).toBe(true);
      }),
      { seed: 7 },
    );
  });
});

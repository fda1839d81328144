import { describe, expect, test } from "vitest";
import { type LocalDraft, merged, NO_DRAFT } from "./draft-state";

const typed = (text: string, base = 10): LocalDraft => ({ text, base, dirty: true });
const remote = (text: string, edited_at: number) => ({ text, edited_at });

describe("a draft", () => {
  test("comes to a browser that has none", () => {
    expect(merged(NO_DRAFT, remote("from there", 20))).toEqual({
      text: "from there",
      base: 20,
      dirty: false,
    });
  });

  test("that was sent or edited elsewhere replaces what is known here", () => {
    expect(merged({ text: "old", base: 10, dirty: false }, remote("", 20)).text).toBe("");
    expect(merged({ text: "old", base: 10, dirty: false }, remote("new", 20)).text).toBe("new");
  });

  test("that was typed here since stays", () => {
    expect(merged(typed("old and more"), remote("old", 10))).toEqual(typed("old and more"));
  });

  test("that was typed in two browsers is both, whoever was last", () => {
    const both = merged(typed("mine"), remote("theirs", 20));
    expect(both).toEqual({ text: "theirs\n\nmine", base: 20, dirty: true });
    expect(merged(typed("mine"), remote("", 20)).text).toBe("mine");
    expect(merged(typed(""), remote("theirs", 20)).text).toBe("theirs");
    expect(merged(typed("theirs and more"), remote("theirs", 20)).text).toBe("theirs and more");
  });

  test("that is the same in both is saved", () => {
    expect(merged(typed("same"), remote("same", 20))).toEqual({ text: "same", base: 20, dirty: false });
  });
});

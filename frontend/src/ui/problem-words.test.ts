import { expect, test } from "vitest";
import { problemInWords, sentences } from "./problem-words";

test("each sentence has one end, and what is not said leaves nothing", () => {
  const problem = {
    code: "x",
    status: 500,
    title: "It failed",
    detail: "No space is left.",
    hint: "Make some.",
  };
  expect(problemInWords(problem)).toBe("It failed. No space is left. Make some.");
  expect(problemInWords({ ...problem, detail: "", hint: undefined })).toBe("It failed");
  expect(sentences("Really?", null, " Yes ", "")).toBe("Really? Yes");
});

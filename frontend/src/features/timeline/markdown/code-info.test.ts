import { expect, test } from "vitest";
import { codeInfo } from "./code-info";

test.each([
  ["", { language: "" }],
  ["rust", { language: "rust" }],
  ["rust src/main.rs", { language: "rust", path: "src/main.rs" }],
  ["python:app/main.py", { language: "python", path: "app/main.py" }],
  ['ts title="src/a b.ts"', { language: "ts", path: "src/a b.ts" }],
  ["ts {1,3} file=src/a.ts", { language: "ts", path: "src/a.ts" }],
  ["rust,ignore", { language: "rust,ignore" }],
  ["c++ https://x.example/a.cc", { language: "c++" }],
  ["sh ../../etc/passwd", { language: "sh" }],
  ["js numbered", { language: "js" }],
])("%j", (info, expected) => {
  expect(codeInfo(info)).toEqual(expected);
});

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

/** Most lines of a source file; generated files are exempt. */
const MAX_LINES = 400;
const ROOT = import.meta.dirname;

const files = readdirSync(ROOT, { recursive: true, encoding: "utf8" })
  .filter((path) => /\.tsx?$/.test(path) && !path.endsWith(".d.ts"))
  .map((path) => ({ path, text: readFileSync(join(ROOT, path), "utf8") }));

/** What each folder may import besides itself; routes put features together. */
const ALLOWED: Record<string, readonly string[]> = {
  api: [],
  i18n: ["platform"],
  platform: [],
  stream: ["api", "platform"],
  ui: ["api", "i18n", "platform"],
  features: ["api", "i18n", "platform", "stream", "ui"],
};

/** The folder that counts: each feature is one of its own. */
function unitOf(path: string): string {
  const [first = "", second = ""] = path.split("/");
  return first === "features" ? `${first}/${second}` : first;
}

test("folders import only what they may", () => {
  const wrong: string[] = [];
  for (const { path, text } of files) {
    const unit = unitOf(path);
    const allowed = ALLOWED[unit.split("/")[0] ?? ""];
    if (!allowed || path.includes(".test.")) continue;
    for (const [, target = ""] of text.matchAll(/from "@\/([^"]+)"/g)) {
      if (unitOf(target) !== unit && !allowed.includes(target.split("/")[0] ?? "")) {
        wrong.push(`${path} imports ${target}`);
      }
    }
  }
  expect(wrong).toEqual([]);
});

test("what is loaded later can be loaded again", () => {
  // `React.lazy` and the router's own keep a failure as long as the page is open; `ui/lazy-part` does not.
  const bare = files.filter(
    ({ path, text }) =>
      !path.includes(".test.") && /\blazyRouteComponent\b|\blazy\b[^;]*from "react"|React\.lazy\(/.test(text),
  );
  expect(bare.map(({ path }) => path)).toEqual([]);
});

test("files stay short", () => {
  const long = files.filter(({ text }) => text.split("\n").length > MAX_LINES).map(({ path }) => path);
  expect(long).toEqual([]);
});

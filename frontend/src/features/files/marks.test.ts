import { expect, test } from "vitest";
import type { ChangeMarks } from "@/api/types";
import { marksOf } from "./marks";
import { type LoadedDirectory, rowsOf } from "./tree-model";

const marks: ChangeMarks = {
  total: 4,
  files: [
    { path: "docs/old/a.md", kind: "deleted" },
    { path: "docs/old/b.md", kind: "deleted" },
    { path: "gone.txt", kind: "deleted" },
    { path: "src/main.rs", kind: "modified" },
  ],
  directories: [
    { path: "docs", changes: 2 },
    { path: "src", changes: 1 },
    { path: "docs/old", changes: 2 },
  ],
};

const page = (path: string, entries: [string, "file" | "directory"][], more = 0): LoadedDirectory => ({
  pages: [
    {
      path,
      entries: entries.map(([name, kind]) => ({ name, kind, bytes: 1, modified_at: 0 })),
      more,
      ignored: 0,
    },
  ],
});

const goneRows = (loaded: Map<string, LoadedDirectory>, open: string[]) =>
  rowsOf(loaded, new Set(open), marksOf(marks))
    .filter((row) => row.kind === "gone")
    .map((row) => [row.path, row.depth, row.kind === "gone" && row.directory]);

test("files have their kind, directories how much changed below them", () => {
  const { files, below } = marksOf(marks);
  expect(files.get("src/main.rs")).toBe("modified");
  expect([below.get("docs"), below.get("src"), below.get("other")]).toEqual([2, 1, undefined]);
});

test("what was deleted stands where it was, a directory once", () => {
  const root = page("", [
    ["docs", "directory"],
    ["src", "directory"],
  ]);
  const loaded = new Map([
    ["", root],
    ["docs", page("docs", [["new.md", "file"]])],
  ]);
  expect(goneRows(loaded, ["docs"])).toEqual([
    ["docs/old", 1, true],
    ["gone.txt", 0, false],
  ]);
});

test("what is there again, or may come with the next page, is not shown as gone", () => {
  const back = page("", [
    ["docs", "directory"],
    ["gone.txt", "file"],
  ]);
  expect(goneRows(new Map([["", back]]), [])).toEqual([]);
  expect(goneRows(new Map([["", page("", [["docs", "directory"]], 5)]]), [])).toEqual([]);
});

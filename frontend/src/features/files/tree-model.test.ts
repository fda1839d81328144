import { expect, test } from "vitest";
import type { DirectoryPage, WorkspaceEntry } from "@/api/types";
import { type LoadedDirectory, moveFor, type Row, rowsOf, typeAhead } from "./tree-model";

function entry(name: string, kind: WorkspaceEntry["kind"] = "file"): WorkspaceEntry {
  return { name, kind, bytes: 1, modified_at: 0 };
}

function directory(path: string, entries: WorkspaceEntry[], more = 0): [string, LoadedDirectory] {
  const page: DirectoryPage = { path, entries, more, ignored: 0 };
  return [path, { pages: [page] }];
}

const loaded = new Map([
  directory("", [entry("docs", "directory"), entry("src", "directory"), entry("README.md")], 3),
  directory("src", [entry("main.rs"), entry("mod.rs")]),
]);

const shown = (rows: Row[]) => rows.map((row) => `${"  ".repeat(row.depth)}${row.kind}:${row.path}`);

test("open directories show what is in them, and how much is not there yet", () => {
  expect(shown(rowsOf(loaded, new Set(["src", "docs"])))).toEqual([
    "entry:docs",
    "  loading:docs/…",
    "entry:src",
    "  entry:src/main.rs",
    "  entry:src/mod.rs",
    "entry:README.md",
    "more:/+",
  ]);
});

test("keys move as in every tree", () => {
  const rows = rowsOf(loaded, new Set(["src"]));
  const after = (key: string, at: string | null) => moveFor(key, rows, at);
  expect(after("ArrowDown", null)).toEqual({ type: "focus", path: "docs" });
  expect(after("ArrowDown", "docs")).toEqual({ type: "focus", path: "src" });
  expect(after("ArrowUp", "docs")).toEqual({ type: "focus", path: "docs" });
  expect(after("Home", "src/mod.rs")).toEqual({ type: "focus", path: "docs" });
  expect(after("End", "docs")).toEqual({ type: "focus", path: "/+" });
  expect(after("ArrowRight", "docs")).toEqual({ type: "expand", path: "docs" });
  expect(after("ArrowRight", "src")).toEqual({ type: "focus", path: "src/main.rs" });
  expect(after("ArrowRight", "README.md")).toBeNull();
  expect(after("ArrowLeft", "src")).toEqual({ type: "collapse", path: "src" });
  expect(after("ArrowLeft", "src/mod.rs")).toEqual({ type: "focus", path: "src" });
  expect(after("ArrowLeft", "docs")).toBeNull();
  expect(after("Enter", "src/mod.rs")).toEqual({ type: "open", path: "src/mod.rs" });
  expect(after("x", "docs")).toBeNull();
});

test("typing goes to the next name that begins so, round the end", () => {
  const rows = rowsOf(loaded, new Set(["src"]));
  expect(typeAhead(rows, "docs", "m")).toBe("src/main.rs");
  expect(typeAhead(rows, "src/main.rs", "m")).toBe("src/mod.rs");
  expect(typeAhead(rows, "src/mod.rs", "m")).toBe("src/main.rs");
  expect(typeAhead(rows, "src/main.rs", "mo")).toBe("src/mod.rs");
  expect(typeAhead(rows, "src", "zz")).toBeNull();
});

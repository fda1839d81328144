import type { DirectoryPage, WorkspaceEntry } from "@/api/types";
import { goneIn, type Marks, NO_MARKS } from "./marks";
import { joined, parentOf } from "./paths";

/** A directory as far as it was fetched. */
export interface LoadedDirectory {
  pages: readonly DirectoryPage[];
}

/** A line of the tree. */
export type Row =
  | {
      kind: "entry";
      path: string;
      depth: number;
      entry: WorkspaceEntry;
      expanded: boolean;
      setSize: number;
      place: number;
    }
  /** A file that was looked for, wherever it is. */
  | { kind: "found"; path: string; depth: number }
  | { kind: "gone"; path: string; depth: number; name: string; directory: boolean }
  | { kind: "more"; path: string; depth: number; directory: string; count: number }
  | { kind: "loading"; path: string; depth: number };

/** The lines that are to be seen, top to bottom; what the agent deleted stands at the end of its directory. */
export function rowsOf(
  directories: ReadonlyMap<string, LoadedDirectory>,
  expanded: ReadonlySet<string>,
  marks: Marks = NO_MARKS,
): Row[] {
  const rows: Row[] = [];
  const add = (directory: string, depth: number): void => {
    const loaded = directories.get(directory);
    if (!loaded) {
      rows.push({ kind: "loading", path: `${directory}/…`, depth });
      return;
    }
    const entries = loaded.pages.flatMap((page) => page.entries);
    const last = loaded.pages.at(-1);
    entries.forEach((entry, index) => {
      const path = joined(directory, entry.name);
      const isOpen = entry.kind === "directory" && expanded.has(path);
      rows.push({
        kind: "entry",
        path,
        depth,
        entry,
        expanded: isOpen,
        setSize: entries.length,
        place: index + 1,
      });
      if (isOpen) add(path, depth + 1);
    });
    if (last && last.more > 0) {
      rows.push({ kind: "more", path: `${directory}/+`, depth, directory, count: last.more });
      return;
    }
    const there = new Set(loaded.pages.flatMap((page) => page.entries.map((entry) => entry.name)));
    for (const gone of goneIn(marks, directory)) {
      if (there.has(gone.name)) continue;
      rows.push({ kind: "gone", path: joined(directory, gone.name), depth, ...gone });
    }
  };
  add("", 0);
  return rows;
}

/** What a key does in a tree (WAI-ARIA tree view). */
export type TreeMove =
  | { type: "focus"; path: string }
  | { type: "expand"; path: string }
  | { type: "collapse"; path: string }
  | { type: "open"; path: string };

/** What a key means on the row `current`; null for keys that mean nothing. */
export function moveFor(key: string, rows: readonly Row[], current: string | null): TreeMove | null {
  const at = rows.findIndex((row) => row.path === current);
  const row = rows[at];
  const focus = (target: Row | undefined): TreeMove | null =>
    target ? { type: "focus", path: target.path } : null;
  switch (key) {
    case "ArrowDown":
      return focus(rows[at + 1]);
    case "ArrowUp":
      return focus(rows[Math.max(0, at - 1)]);
    case "Home":
      return focus(rows[0]);
    case "End":
      return focus(rows.at(-1));
    case "ArrowRight":
      if (row?.kind !== "entry" || row.entry.kind !== "directory") return null;
      return row.expanded ? focus(rows[at + 1]) : { type: "expand", path: row.path };
    case "ArrowLeft": {
      if (row?.kind === "entry" && row.expanded) return { type: "collapse", path: row.path };
      const parent = row ? parentOf(row.path) : "";
      return focus(rows.find((other) => other.path === parent));
    }
    case "Enter":
    case " ":
      return row ? { type: "open", path: row.path } : null;
    default:
      return null;
  }
}

/** The next row after `current` whose name begins with what was typed, round the end. */
export function typeAhead(rows: readonly Row[], current: string | null, typed: string): string | null {
  const entries = rows.filter((row) => row.kind === "entry");
  const at = entries.findIndex((row) => row.path === current);
  // More letters may go on with the row that the first ones found.
  const from = typed.length > 1 ? Math.max(0, at) : at + 1;
  const order = [...entries.slice(from), ...entries.slice(0, from)];
  return order.find((row) => row.entry.name.toLowerCase().startsWith(typed.toLowerCase()))?.path ?? null;
}

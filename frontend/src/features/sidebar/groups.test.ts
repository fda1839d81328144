import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Conversation, RunStatus } from "@/api/types";
import { conversation } from "@/testing/events";
import { groupRows, type SidebarRow } from "./groups";
import { nextRow, openingOf } from "./row-keys";

const NOON = new Date(2026, 5, 15, 12).getTime();
const HOUR = 3_600_000;

const one = (id: string, change: Partial<Conversation> = {}): Conversation =>
  conversation({ id, title: id, status: "done", updated_at: NOON - HOUR, ...change });

/** The list in short: headings by name, conversations indented by their depth. */
const told = (rows: readonly SidebarRow[]) =>
  rows.map((row) => (row.kind === "heading" ? row.group : `${"  ".repeat(row.depth)}${row.key}`));

const ALL_OPEN = () => true;

describe("groupRows", () => {
  test("branches are below what they come from, which stands where the newest of them would", () => {
    const items = [
      one("branch", { branch_of: "old" }),
      one("other", { updated_at: NOON - 2 * HOUR }),
      one("twig", { branch_of: "branch", updated_at: NOON - 30 * 24 * HOUR }),
      one("old", { updated_at: NOON - 40 * 24 * HOUR }),
    ];
    expect(told(groupRows(items, NOON))).toEqual(["today", "old", "other"]);
    expect(told(groupRows(items, NOON, ALL_OPEN))).toEqual(["today", "old", "  branch", "    twig", "other"]);
  });

  test("a branch that works or needs somebody is never hidden below another", () => {
    const items = [
      one("works", { branch_of: "root", status: "running" }),
      one("asks", { branch_of: "root", status: "waiting_user" }),
      one("kept", { branch_of: "root", pinned: true }),
      one("done", { branch_of: "root" }),
      one("root"),
    ];
    expect(told(groupRows(items, NOON))).toEqual([
      "waiting",
      "asks",
      "running",
      "works",
      "pinned",
      "kept",
      "today",
      "root",
    ]);
  });

  test("a branch of what is not in the list stands by itself", () => {
    expect(told(groupRows([one("branch", { branch_of: "gone" })], NOON))).toEqual(["today", "branch"]);
  });

  test("every conversation is there once when all is open, and all that is there stands alone or below its own", () => {
    const statuses: RunStatus[] = ["done", "running", "waiting_user", "error"];
    const items = fc.array(
      fc.record({
        parent: fc.option(fc.nat(30), { nil: null }),
        status: fc.constantFrom(...statuses),
        pinned: fc.boolean(),
        age: fc.nat(60),
      }),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(items, (made) => {
        // A branch is younger than what it comes from.
        const list = made.map(({ parent, status, pinned, age }, n) =>
          one(`c${n}`, {
            status,
            pinned,
            updated_at: NOON - age * HOUR,
            branch_of: parent !== null && parent < n ? `c${parent}` : null,
          }),
        );
        const rows = groupRows(list, NOON, ALL_OPEN).filter((row) => row.kind === "conversation");
        expect(rows.map(({ key }) => key).sort()).toEqual(list.map(({ id }) => id).sort());
        const shut = groupRows(list, NOON).filter((row) => row.kind === "conversation");
        for (const row of shut) expect(row.depth).toBe(0);
        const hidden = shut.reduce((sum, row) => sum + row.branches, 0);
        expect(shut.length + hidden).toBe(list.length);
      }),
      { seed: 7, numRuns: 200 },
    );
  });
});

test("→ shows branches, ← hides them and leads from a branch to what it comes from", () => {
  const items = [one("root"), one("branch", { branch_of: "root" })];
  const shut = groupRows(items, NOON);
  expect(openingOf(shut[1], "ArrowRight")).toEqual({ head: "root", open: true });
  expect(openingOf(shut[1], "ArrowLeft")).toBeNull();
  const open = groupRows(items, NOON, ALL_OPEN);
  expect(openingOf(open[1], "ArrowLeft")).toEqual({ head: "root", open: false });
  expect(openingOf(open[2], "ArrowRight")).toBeNull();
  expect(nextRow(open, 2, "ArrowLeft")).toBe(1);
  expect(nextRow(open, 1, "ArrowDown")).toBe(2);
});

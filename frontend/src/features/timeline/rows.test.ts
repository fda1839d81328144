import { describe, expect, test } from "vitest";
import type { Message, Part } from "@/api/types";
import { message, textPart, toolPart } from "@/testing/events";
import { type Row, timelineRows } from "./rows";

const read = (id: string, status: "ok" | "error" | "proposed" | "running" = "ok") =>
  toolPart(id, "m", { name: "read_file", arguments: '{"file":"a"}', status });

const named = (rows: Row[]) =>
  rows.map((row) => (row.kind === "group" ? `${row.key}*${row.parts.length}` : row.key));

const rowsOf = (...messages: Message[]) => named(timelineRows(messages, []));

const step = (id: string, ...parts: Part[]) => message(id, { parts });

describe("timelineRows", () => {
  test("puts consecutive calls that only looked together, over steps too", () => {
    expect(rowsOf(step("m1", read("p1"), read("p2")), step("m2", read("p3")))).toEqual(["p1*3"]);
    expect(rowsOf(step("m1", read("p1")), step("m2", textPart("p2", "m2", "Hm."), read("p3")))).toEqual([
      "p1",
      "p2",
      "p3",
    ]);
  });

  test("has a look among the others from its beginning, so that no row goes when it ends", () => {
    for (const status of ["proposed", "running", "ok"] as const)
      expect(rowsOf(step("m1", read("p1"), read("p2"), read("p3", status)))).toEqual(["p1*3"]);
  });

  test("never hides a call that failed, or waits for a decision", () => {
    expect(rowsOf(step("m1", read("p1"), read("p2", "error"), read("p3")))).toEqual(["p1", "p2", "p3"]);
    const asked = read("p2", "proposed");
    const held = new Set(asked.body.type === "tool" ? [asked.body.call_id] : []);
    const messages = [step("m1", read("p1"), asked, read("p3", "proposed"))];
    expect(named(timelineRows(messages, [], { looks: true, held }))).toEqual(["p1", "p2", "p3"]);
  });

  test("leaves out parts without anything in them", () => {
    expect(rowsOf(step("m1", textPart("p1", "m1", " \n"), textPart("p2", "m1", "Hi")))).toEqual(["p2"]);
  });

  test("a message keeps its row when the gateway has taken it", () => {
    const item = { clientId: "c1", text: "Hi", mode: "queue" as const };
    const before = timelineRows([], [item]);
    const after = timelineRows([message("m1", { role: "user", client_id: "c1" })], []);
    expect(after[0]?.key).toBe(before[0]?.key);
  });
});

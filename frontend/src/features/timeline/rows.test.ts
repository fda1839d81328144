import { describe, expect, test } from "vitest";
import type { Message, Part } from "@/api/types";
import { message, textPart, toolPart } from "@/testing/events";
import { timelineRows } from "./rows";

const read = (id: string, status: "ok" | "error" | "running" = "ok") =>
  toolPart(id, "m", { name: "read_file", arguments: '{"file":"a"}', status });

const rowsOf = (...messages: Message[]) =>
  timelineRows(messages, []).map((row) =>
    row.kind === "group" ? `${row.key}*${row.parts.length}` : row.key,
  );

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

  test("never hides a call that failed or goes on", () => {
    expect(rowsOf(step("m1", read("p1"), read("p2", "error"), read("p3"), read("p4", "running")))).toEqual([
      "p1",
      "p2",
      "p3",
      "p4",
    ]);
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

import { QueryClientProvider } from "@tanstack/react-query";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { createQueryClient } from "@/api/queries";
import type { ToolPart, ToolPartStatus } from "@/api/types";
import { toolPart } from "@/testing/events";
import { readArguments } from "@/ui/call/arguments";
import { DecisionSlot } from "@/ui/call/decision-slot";
import recorded from "./recorded.json" with { type: "json" };
import { ToolCard } from "./tool-card";

/** Calls that wait for the person. */
const held = vi.hoisted(() => ({ calls: [] as string[] }));

vi.mock("@/stream/react", () => ({
  useConversationStore: () => ({ id: "conv_1" }),
  useConversation: (select: (view: unknown) => unknown) =>
    select({
      state: { approvals: held.calls.map((call_id) => ({ call_id })), nested: [], conversation: {} },
    }),
}));

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  getNestedMessages: () => Promise.resolve([]),
}));

beforeEach(() => {
  held.calls = [];
});

/** What the gateway sent for a call of each tool, by the tool and how it ended. */
const CALLS = recorded as unknown as Record<string, ToolPart>;

const WORDS: Record<ToolPartStatus, RegExp> = {
  proposed: /writing the call|waiting/i,
  running: /running|waiting/i,
  ok: /ok/,
  error: /failed/,
  denied: /denied/,
  stopped: /stopped/,
  timed_out: /timed out/,
  interrupted: /interrupted/,
};
const STATUSES = Object.keys(WORDS) as ToolPartStatus[];

let shown = 0;

/** A recorded call as it would be in another state: what it has come to is only there once it has ended. */
function show(call: ToolPart, status: ToolPartStatus): HTMLElement {
  cleanup();
  shown += 1;
  const begun = status === "proposed" || status === "running";
  const part = toolPart(`recorded_${shown}`, "m1", {
    ...call,
    status,
    ...(begun ? { result: null, data: undefined, duration_ms: null, images: [] } : {}),
  });
  if (part.body.type !== "tool") throw new Error("a tool part is a tool part");
  render(
    <QueryClientProvider client={createQueryClient()}>
      <DecisionSlot value={(id) => held.calls.includes(id) && <p>decide here</p>}>
        <ToolCard part={part} tool={part.body} />
      </DecisionSlot>
    </QueryClientProvider>,
  );
  return screen.getByTestId("tool-card");
}

const lineOf = (card: HTMLElement) => card.querySelector("button[aria-expanded]") as HTMLButtonElement;

describe.each(Object.entries(CALLS))("%s", (_, call) => {
  test.each(STATUSES)("says that it is %s, in words, and opens", (status) => {
    const card = show(call, status);
    expect(card.dataset.status).toBe(status);
    const line = lineOf(card);
    expect(line.textContent).toMatch(WORDS[status]);
    if (line.getAttribute("aria-expanded") === "false") fireEvent.click(line);
    expect(line.getAttribute("aria-expanded")).toBe("true");
    expect(card.children.length).toBeGreaterThan(1);
  });

  test("waits for the person where it does, and can be decided there", () => {
    held.calls = [call.call_id];
    const card = show(call, "proposed");
    expect(lineOf(card).textContent).toContain("needs your approval");
    expect(card.textContent).toContain("decide here");
    held.calls = [];
    expect(show(call, "running").textContent).not.toContain("decide here");
  });

  test("names what it works on while its arguments are still coming", () => {
    const [first] = Object.values(readArguments(call.arguments)).filter((value) => typeof value === "string");
    const half = { ...call, arguments: call.arguments.slice(0, -2) };
    const card = show(half, "proposed");
    expect(card.dataset.tool).toBe(call.name);
    if (first && call.name !== "fly_to_the_moon")
      expect(lineOf(card).textContent).toContain(first.slice(0, 5));
  });
});

test("each kind of call says in the past tense only what was done", () => {
  const verbs = Object.entries(CALLS).map(([name, call]) => {
    const verb = (status: ToolPartStatus) => lineOf(show(call, status)).children[1]?.textContent;
    return `${name}: ${verb("running")} / ${verb("ok")}`;
  });
  expect(verbs).toMatchInlineSnapshot(`
    [
      "write_file: Writing / Wrote",
      "read_file: Reading / Read",
      "list_directory: Listing / Listed",
      "grep_search: Searching for / Searched for",
      "search_files: Looking for files / Looked for files",
      "edit_file: Editing / Edited",
      "close_file: Closing / Closed",
      "delete_file: Deleting / Deleted",
      "read_file error: Reading / Read",
      "run_terminal_command: $ / $",
      "run_terminal_command timed_out: $ / $",
      "screenshot: Looking at / Looked at",
      "computer: Using the desktop: / Used the desktop:",
      "web_browser: Looking at / Looked at",
      "google_search: Searching the web for / Searched the web for",
      "fly_to_the_moon: Calling / Called",
      "subagent: Sub-agent on / Sub-agent on",
      "update_plan: Updating the plan / Updated the plan",
      "ask_user: Asking / Asked",
    ]
  `);
});

test("why a call came to nothing is said without opening it", () => {
  const card = show(CALLS["read_file error"] as ToolPart, "error");
  const told = CALLS["read_file error"]?.result?.split("\n")[0] ?? "";
  expect(screen.getByTestId("tool-reason").textContent).toContain(told);
  fireEvent.click(lineOf(card));
  expect(screen.queryByTestId("tool-reason")).toBeNull();
});

test("output that was cut is told on the line, with how much, and all of it can be had", () => {
  const card = show(CALLS.run_terminal_command as ToolPart, "ok");
  expect(lineOf(card).textContent).toContain("shortened");
  fireEvent.click(lineOf(card));
  expect(card.textContent).toMatch(/KiB not shown/);
  expect(screen.getByRole("button", { name: "Show all" })).toBeDefined();
});

test("a long result is told to be cut, and shown as a whole when it is asked for", () => {
  const long = "x".repeat(10_000);
  const card = show({ ...(CALLS.delete_file as ToolPart), result: long }, "ok");
  fireEvent.click(lineOf(card));
  expect(card.textContent).not.toContain(long);
  fireEvent.click(screen.getByRole("button", { name: /Show all · .* not shown/ }));
  expect(card.textContent).toContain(long);
});

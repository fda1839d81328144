import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, describe, expect, test, vi } from "vitest";
import { getNestedMessages, stopCall } from "@/api/endpoints";
import type { Message, ToolPart } from "@/api/types";
import { fromSnapshot } from "@/stream/reducer";
import { message, snapshot, textPart, toolPart } from "@/testing/events";
import { ToolCard } from "./tool-card";

vi.mock("@/api/endpoints", () => ({ getNestedMessages: vi.fn(), stopCall: vi.fn() }));

let nested: Message[] = [];
vi.mock("@/stream/react", () => ({
  useConversationStore: () => ({ id: "conv_1" }),
  useConversation: <T,>(select: (view: unknown) => T) =>
    select({ state: fromSnapshot(snapshot({ nested })) }),
}));

beforeEach(() => {
  nested = [];
  vi.mocked(getNestedMessages).mockReset();
  vi.mocked(stopCall)
    .mockReset()
    .mockResolvedValue(undefined as never);
});

async function open(change: Partial<ToolPart>) {
  const part = toolPart(`p${Math.random()}`, "m1", {
    name: "subagent",
    arguments: JSON.stringify({ title: "Find the bug", task: "Look where it breaks." }),
    ...change,
  });
  if (part.body.type !== "tool") throw new Error("a tool part is a tool part");
  render(<ToolCard part={part} tool={part.body} />);
  await userEvent.click(screen.getByRole("button", { name: /Find the bug/ }));
}

const said = (id: string, callId: string, words: string) =>
  message(id, { call_id: callId, parts: [textPart(`${id}-p`, id, words)] });

describe("a sub-agent's card", () => {
  test("shows what it does while it does it, and of no other", async () => {
    nested = [said("n1", "call_1", "I look here."), said("n2", "call_2", "Somebody else.")];
    await open({ status: "running" });
    expect(screen.getByText("Look where it breaks.")).toBeDefined();
    expect(screen.getByText("I look here.")).toBeDefined();
    expect(screen.queryByText("Somebody else.")).toBeNull();
    expect(getNestedMessages).not.toHaveBeenCalled();
  });

  test("can be stopped by itself, once", async () => {
    await open({ status: "running" });
    const button = screen.getByRole<HTMLButtonElement>("button", { name: "Stop this sub-agent" });
    await userEvent.click(button);
    expect(vi.mocked(stopCall).mock.calls).toEqual([["conv_1", "call_1"]]);
    expect(button.disabled).toBe(true);
  });

  test("fetches what an earlier one did, and shows its report", async () => {
    vi.mocked(getNestedMessages).mockResolvedValue([said("n1", "call_1", "I looked there.")]);
    await open({ status: "ok", result: "It breaks in line 3.", data: { steps: 2 } });
    expect(await screen.findByText("I looked there.")).toBeDefined();
    expect(screen.getByText("It breaks in line 3.")).toBeDefined();
    expect(screen.getByTestId("tool-hint").textContent).toBe("2 steps");
    expect(screen.queryByRole("button", { name: "Stop this sub-agent" })).toBeNull();
  });

  test("says why what it did cannot be shown", async () => {
    vi.mocked(getNestedMessages).mockRejectedValue(new TypeError("offline"));
    await open({ status: "ok", result: "A report." });
    expect(
      (await screen.findAllByText(/Slipway did not answer|Something unexpected/)).length,
    ).toBeGreaterThan(0);
  });
});

import { act, fireEvent, render, screen } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { decideApproval } from "@/api/endpoints";
import type { Approval } from "@/api/types";
import { runAction } from "@/ui/actions/registry";
import { ApprovalCard } from "./approval-card";

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  decideApproval: vi.fn(() => new Promise(() => {})),
}));

const APPROVAL: Approval = {
  call_id: "call_1",
  tool: "run_terminal_command",
  arguments: { command: "git push" },
  command: "git push",
  directory: "/workspace",
  rule: { about: { type: "command", pattern: "git push" }, action: "ask" },
  risks: ["publishes"],
  asked_at: 1,
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(decideApproval).mockClear();
});

afterEach(() => {
  vi.useRealTimers();
});

function show(change: Partial<Approval> = {}): void {
  render(<ApprovalCard conversationId="conv_1" approval={{ ...APPROVAL, ...change }} hasKeys />);
}

const wait = (ms: number) => act(() => vi.advanceTimersByTime(ms));
const decisions = () =>
  vi.mocked(decideApproval).mock.calls.map(([, , body]) => [body.decision, body.message]);

test("it says what would be done, where and why", () => {
  show();
  expect(screen.getByTestId("approval-what").textContent).toBe("git push");
  expect(
    screen.getByText(/in \/workspace · Asked because of a rule about commands like git push/),
  ).toBeDefined();
  expect(screen.getByText("reaches outside")).toBeDefined();
});

test("nothing can be decided while it has just appeared, by its key neither", () => {
  show();
  const approve = screen.getByRole<HTMLButtonElement>("button", { name: /Approve once/ });
  wait(499);
  expect(approve.disabled).toBe(true);
  act(() => void runAction("approval.approve"));
  expect(decisions()).toEqual([]);
  wait(1);
  act(() => void runAction("approval.approve"));
  expect(decisions()).toEqual([["approve_once", ""]]);
  act(() => void runAction("approval.approve"));
  expect(decisions().length).toBe(1);
});

test("a denial takes the person's words along", () => {
  show();
  wait(500);
  fireEvent.click(screen.getByRole("button", { name: /Deny…/ }));
  const words = screen.getByLabelText("What the model is told");
  expect(document.activeElement).toBe(words);
  fireEvent.change(words, { target: { value: "Not now." } });
  fireEvent.click(screen.getByRole("button", { name: "Deny" }));
  expect(decisions()).toEqual([["deny", "Not now."]]);
});

test("an approval for the conversation says what it is about", () => {
  show({ tool: "write_file", command: null, arguments: { file: "a.txt", content: "one" } });
  wait(500);
  expect(screen.getByText("a.txt")).toBeDefined();
  expect(screen.getByTestId("approval-what").textContent).toBe("one");
  fireEvent.click(screen.getByRole("button", { name: "Approve write_file for this conversation" }));
  expect(decisions()).toEqual([["approve_for_conversation", ""]]);
});

test("a limit is counted down, and without one nothing is said of time", () => {
  show({ expires_at: Date.now() + 61_000 });
  expect(screen.getByTestId("approval-limit").textContent).toBe("denied in 1:01");
  wait(2_000);
  expect(screen.getByTestId("approval-limit").textContent).toBe("denied in 0:59");
});

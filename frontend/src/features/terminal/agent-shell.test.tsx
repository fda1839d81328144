import { render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { Message } from "@/api/types";
import { message, toolPart } from "@/testing/events";
import { AgentShell } from "./agent-shell";
import { commandsOf } from "./commands";

const shown = vi.hoisted(() => ({ messages: [] as unknown[] }));
vi.mock("@/stream/react", () => ({
  useConversation: (select: (view: unknown) => unknown) => select({ state: { messages: shown.messages } }),
}));

const run = (id: string, command: string, change: Parameters<typeof toolPart>[2] = {}) =>
  toolPart(id, "m1", { arguments: JSON.stringify({ command }), status: "ok", ...change });

function show(...parts: ReturnType<typeof run>[]): Message[] {
  shown.messages = [message("m1", { parts })];
  return shown.messages as Message[];
}

test("commands are shown with what they printed, and with how they failed", () => {
  show(
    run("p1", "ls", {
      output: { head: "\u001b[31mred.txt\u001b[0m", tail: "", omitted_bytes: 0 },
      data: { exit_code: 0 },
    }),
    run("p2", "make", { status: "error", data: { exit_code: 2 } }),
    run("p3", "sleep 9", { status: "running" }),
  );
  render(<AgentShell />);
  const lines = screen.getAllByTestId("terminal-command").map((one) => one.textContent);
  expect(lines).toEqual(["$ lsred.txt", "$ makeexit 2", "$ sleep 9running"]);
});

test("other tools, calls that are still being written and nonsense are none", () => {
  const messages = show(
    run("p1", "ls", { status: "proposed" }),
    run("p2", "ls", { name: "read_file" }),
    run("p3", "", { arguments: "{" }),
    run("p4", "", { arguments: '{"command": 7}' }),
  );
  expect(commandsOf(messages)).toEqual([]);
  render(<AgentShell />);
  expect(screen.getByText(/no command/)).toBeDefined();
});

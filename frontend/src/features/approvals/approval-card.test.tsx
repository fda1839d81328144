import { QueryClientProvider } from "@tanstack/react-query";
import { act, fireEvent, render, screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { decideApproval } from "@/api/endpoints";
import { ApiError } from "@/api/problem";
import { createQueryClient } from "@/api/queries";
import type { Approval } from "@/api/types";
import { filesOf, type WorkspaceFiles } from "@/api/workspace";
import { runAction } from "@/ui/actions/registry";
import { ApprovalCard } from "./approval-card";

vi.mock("@/api/endpoints", async (original) => ({
  ...(await original<object>()),
  decideApproval: vi.fn(() => new Promise(() => {})),
}));

vi.mock("@/api/workspace", () => ({ filesOf: vi.fn() }));

vi.mock("@/stream/react", () => ({ useConversation: () => "default" }));

let calls = 0;

const APPROVAL: Omit<Approval, "call_id"> = {
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

/** Shows a call of its own: what is decided about one is known wherever it is shown. */
function show(change: Partial<Approval> = {}, places: readonly ("dock" | "card")[] = ["dock"]): void {
  calls += 1;
  const approval = { call_id: `call_${calls}`, ...APPROVAL, ...change };
  render(
    <QueryClientProvider client={createQueryClient()}>
      {places.map((place) => (
        <div key={place} data-testid={place}>
          <ApprovalCard
            conversationId="conv_1"
            approval={approval}
            hasKeys={place === "dock"}
            isInline={place === "card"}
          />
        </div>
      ))}
    </QueryClientProvider>,
  );
}

/** What the workspace holds; null for no file. */
function workspaceWith(text: string | null): void {
  const missing = new ApiError({
    title: "No such file",
    status: 404,
    code: "not_found",
  });
  const readText = vi.fn(() =>
    text === null ? Promise.reject(missing) : Promise.resolve({ text, complete: true }),
  );
  vi.mocked(filesOf).mockReturnValue({ readText } as unknown as WorkspaceFiles);
}

const shownDiff = async () =>
  [...(await screen.findByTestId("diff")).querySelectorAll("tr")].map((row) => row.textContent);

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
  show({ tool: "delete_file", command: null, arguments: { file: "a.txt" } });
  wait(500);
  expect(screen.getByTestId("approval-what").textContent).toContain("a.txt");
  fireEvent.click(screen.getByRole("button", { name: "Approve delete_file for this conversation" }));
  expect(decisions()).toEqual([["approve_for_conversation", ""]]);
});

test("an edit is shown as the change that it would make", async () => {
  vi.useRealTimers();
  workspaceWith("one\ntwo\nthree\n");
  const edits = [{ remove_line_number: "2", content_to_remove: "two", replace_content: "2\n2½\n" }];
  show({ tool: "edit_file", command: null, arguments: { file: "a.txt", edits } });
  expect(await shownDiff()).toEqual(["11 one", "2−two", "2+2", "3+2½", "34 three"]);
  expect(screen.getByTestId("planned-change").textContent).toContain("+2 −1");
  expect(screen.queryByText(/settled when it is done/)).toBeNull();
});

test("an edit whose place is not to be told is shown as it was sent, and that is said", async () => {
  vi.useRealTimers();
  workspaceWith("something else\n");
  const edits = [{ remove_line_number: "2", content_to_remove: "two", replace_content: "2" }];
  show({ tool: "edit_file", command: null, arguments: { file: "a.txt", edits } });
  expect(await shownDiff()).toEqual(["−two", "+2"]);
  expect(screen.getByText(/settled when it is done/)).toBeDefined();
});

test("a file that is written anew is compared with the old one, and a new one is told", async () => {
  vi.useRealTimers();
  workspaceWith("one\ntwo\n");
  show({ tool: "write_file", command: null, arguments: { file: "a.txt", content: "one\n2\n" } });
  expect(await shownDiff()).toEqual(["11 one", "2−two", "2+2"]);
  document.body.replaceChildren();
  workspaceWith(null);
  show({ tool: "write_file", command: null, arguments: { file: "b.txt", content: "one\n" } });
  expect(await shownDiff()).toEqual(["1+one"]);
  expect(screen.getByText("new file")).toBeDefined();
});

test("what is decided in one place is decided in every other", () => {
  show({}, ["dock", "card"]);
  wait(500);
  const approve = (place: string) =>
    within(screen.getByTestId(place)).getByRole<HTMLButtonElement>("button", { name: /Approve once/ });
  fireEvent.click(approve("card"));
  expect(decisions()).toEqual([["approve_once", ""]]);
  expect([approve("card").disabled, approve("dock").disabled]).toEqual([true, true]);
  act(() => void runAction("approval.approve"));
  expect(decisions().length).toBe(1);
});

test("a limit is counted down, and without one nothing is said of time", () => {
  show({ expires_at: Date.now() + 61_000 });
  expect(screen.getByTestId("approval-limit").textContent).toBe("denied in 1:01");
  wait(2_000);
  expect(screen.getByTestId("approval-limit").textContent).toBe("denied in 0:59");
});

import { fireEvent, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import { conversation, message, textPart } from "@/testing/events";
import { toasts } from "@/ui/toast";
import { editDraft } from "./edit-drafts";
import EditTurn from "./edit-turn";

const { list, navigate, live } = vi.hoisted(() => ({
  list: { put: vi.fn() },
  navigate: vi.fn(),
  live: { status: "done" },
}));
vi.mock("@/stream/react", () => ({
  useSession: () => ({ list }),
  useConversation: (select: (view: unknown) => unknown) =>
    select({ state: { conversation: { status: live.status } } }),
}));
vi.mock("@tanstack/react-router", () => ({ useNavigate: () => navigate }));

const SAID = message("m1", { role: "user", parts: [textPart("p1", "m1", "old words")] });
const BRANCH = conversation({ id: "conv_2", status: "running" });
const asked: { path: string; body: Record<string, unknown> | null }[] = [];
let files = 0;

beforeEach(() => {
  vi.clearAllMocks();
  toasts.setState({ items: [] });
  asked.length = 0;
  files = 0;
  live.status = "done";
  vi.stubGlobal("fetch", async (request: Request) => {
    const { pathname } = new URL(request.url);
    const text = await request.text();
    const path = pathname.replace("/api/v1/conversations/", "");
    asked.push({ path, body: text ? JSON.parse(text) : null });
    if (path.endsWith("/before")) {
      return Response.json({ checkpoint: files ? { id: "cp_1", conversation_id: "conv_0" } : null });
    }
    if (path.endsWith("/preview")) {
      const list = [{ path: "a.rs", action: "replace" }];
      return Response.json({ total: files, files: list, conflicts: [], impossible: [] });
    }
    if (path.endsWith("/restore")) return Response.json({ before: "cp_9", restored: 1, failed: [] });
    return Response.json({ conversation: BRANCH, message_id: "m7", run_id: "run_1" }, { status: 201 });
  });
});

function show() {
  const onClose = vi.fn();
  render(<EditTurn message={SAID} text="old words" onClose={onClose} />);
  return { onClose, box: screen.getByLabelText<HTMLTextAreaElement>("Say it in other words") };
}

test("other words are sent as a branch, which is opened", async () => {
  const { box, onClose } = show();
  await userEvent.clear(box);
  await userEvent.type(box, "new words{Enter}");
  await waitFor(() => expect(navigate).toHaveBeenCalledTimes(1));
  expect(navigate.mock.calls[0]?.[0]).toMatchObject({ to: "/c/$id", params: { id: "conv_2" } });
  expect(asked.map(({ path }) => path)).toEqual(["conv_1/messages/m1/before", "conv_1/messages/m1/branch"]);
  expect(asked[1]?.body).toMatchObject({ text: "new words" });
  expect(list.put).toHaveBeenCalledWith(BRANCH);
  expect(onClose).toHaveBeenCalledTimes(1);
  expect(editDraft("m1")).toBeUndefined();
});

test("files that changed since go back first, where they were recorded", async () => {
  files = 1;
  const { box } = show();
  await userEvent.type(box, "!{Enter}");
  await userEvent.click(await screen.findByRole("button", { name: "Go back to that state" }));
  await waitFor(() => expect(navigate).toHaveBeenCalledTimes(1));
  expect(asked.slice(1).map(({ path }) => path)).toEqual([
    "conv_0/restore/preview",
    "conv_0/restore",
    "conv_1/messages/m1/branch",
  ]);
});

test("nothing is sent while the agent is at work, and the words stay", async () => {
  live.status = "running";
  const { box } = show();
  await userEvent.type(box, " more{Enter}");
  expect(asked).toEqual([]);
  expect(screen.getByRole<HTMLButtonElement>("button", { name: "Send" }).disabled).toBe(true);
  expect(editDraft("m1")).toBe("old words more");
  expect(fireEvent.keyDown(box, { key: "Escape" })).toBe(false);
  expect(editDraft("m1")).toBeUndefined();
});

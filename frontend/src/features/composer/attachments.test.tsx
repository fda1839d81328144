import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";
import { Composer } from "./composer";

/** The server keeps nothing here. */
vi.mock("@/api/drafts", () => {
  const never = () => new Promise(() => {});
  return { getDraft: never, saveDraft: never };
});

afterEach(() => vi.unstubAllGlobals());

/** A gateway in whose workspace some names are taken; answers when told to. */
function gateway(taken: readonly string[]) {
  const asked: string[] = [];
  const waiting: (() => void)[] = [];
  vi.stubGlobal("fetch", async (address: string) => {
    const path = new URL(address, "http://x").searchParams.get("path") ?? "";
    asked.push(path);
    await new Promise<void>((resolve) => waiting.push(resolve));
    if (!taken.includes(path)) return Response.json({ path, bytes: 1 });
    const problem = { code: "already_exists", title: "Something is there", status: 409 };
    return Response.json(problem, { status: 409 });
  });
  const answer = async () => {
    await vi.waitFor(() => expect(waiting.length).toBeGreaterThan(0));
    waiting.shift()?.();
  };
  return { asked, answer };
}

test("an attached file is uploaded under a free name and goes with the message once it is there", async () => {
  const { asked, answer } = gateway([".slipway/uploads/notes.txt"]);
  const onSend = vi.fn();
  render(<Composer workspace="default" scope="conv_1" run="idle" onSend={onSend} />);
  await userEvent.upload(screen.getByTestId("attach"), new File(["x"], "notes.txt", { type: "text/plain" }));
  const box = screen.getByLabelText("Message");
  await userEvent.type(box, "read it{Enter}");
  expect(onSend).not.toHaveBeenCalled();
  await answer();
  await answer();
  await vi.waitFor(() => expect(screen.getByTestId("send")).toHaveProperty("disabled", false));
  expect(asked).toEqual([".slipway/uploads/notes.txt", ".slipway/uploads/notes-2.txt"]);
  await userEvent.type(box, "{Enter}");
  const [text, , , attachments] = onSend.mock.calls[0] ?? [];
  expect([text, attachments]).toEqual([
    "read it",
    [{ path: ".slipway/uploads/notes-2.txt", media_type: "text/plain" }],
  ]);
  expect(screen.queryByTestId("attachments")).toBeNull();
});

import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { useAction } from "@/ui/actions/registry";
import { Composer } from "./composer";

/** The server keeps nothing here. */
vi.mock("@/api/drafts", () => {
  const never = () => new Promise(() => {});
  return { getDraft: never, saveDraft: never };
});

const files = vi.hoisted(() => ({ listEntries: vi.fn() }));
vi.mock("@/api/workspace", () => ({ filesOf: () => files }));

beforeEach(() => localStorage.clear());
afterEach(() => vi.resetAllMocks());

function Page({ onSend, onStop }: { onSend: () => void; onStop: () => void }) {
  useAction("run.stop", onStop);
  return <Composer workspace="default" scope="conv_1" run="idle" onSend={onSend} />;
}

function show() {
  const [onSend, onStop] = [vi.fn(), vi.fn()];
  render(
    <QueryClientProvider client={new QueryClient()}>
      <Page onSend={onSend} onStop={onStop} />
    </QueryClientProvider>,
  );
  return { onSend, onStop, box: screen.getByLabelText<HTMLTextAreaElement>("Message") };
}

const entry = (name: string, kind: "file" | "directory") => ({ name, kind, bytes: 1, ignored: false });

test("a command is chosen from the list and done, not sent", async () => {
  const { box, onSend, onStop } = show();
  await userEvent.type(box, "/st");
  const option = await screen.findByRole("option", { name: /\/stop/ });
  expect(box.getAttribute("aria-activedescendant")).toBe(option.id);
  await userEvent.type(box, "{Enter}");
  expect(onStop).toHaveBeenCalledTimes(1);
  expect(onSend).not.toHaveBeenCalled();
  expect(box.value).toBe("");
  await waitFor(() => expect(screen.queryByTestId("suggestions")).toBeNull());
});

test("what no command fits is sent as it is", async () => {
  const { box, onSend } = show();
  await userEvent.type(box, "/stop");
  await screen.findByRole("option");
  await userEvent.type(box, "zzz{Enter}");
  expect(onSend.mock.calls[0]?.[0]).toBe("/stopzzz");
});

test("Escape closes the list, and Enter sends then", async () => {
  const { box, onSend, onStop } = show();
  await userEvent.type(box, "/stop");
  await screen.findByRole("option");
  await userEvent.type(box, "{Escape}{Enter}");
  expect(onStop).not.toHaveBeenCalled();
  expect(onSend.mock.calls[0]?.[0]).toBe("/stop");
});

test("a file is mentioned by way of its directory", async () => {
  const pages: Record<string, unknown[]> = {
    "": [entry("readme.md", "file"), entry("src", "directory")],
    src: [entry("main.rs", "file"), entry("lib.rs", "file")],
  };
  files.listEntries.mockImplementation(async (path: string) => ({ entries: pages[path], more: 0 }));
  const { box } = show();
  await userEvent.type(box, "look at @sr");
  await screen.findByRole("option", { name: "src/" });
  await userEvent.type(box, "{Enter}");
  expect(box.value).toBe("look at @src/");
  expect((await screen.findAllByRole("option")).map((option) => option.textContent)).toEqual([
    "src/main.rs",
    "src/lib.rs",
  ]);
  await userEvent.type(box, "{ArrowDown}{Enter}");
  expect(box.value).toBe("look at @src/lib.rs ");
});

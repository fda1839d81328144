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

const files = vi.hoisted(() => ({ listEntries: vi.fn(), findFiles: vi.fn() }));
vi.mock("@/api/workspace", () => ({ filesOf: () => files }));

beforeEach(() => {
  localStorage.clear();
  files.findFiles.mockResolvedValue({ paths: [] });
});
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

test("a file far down is mentioned by some letters of its path, behind what is near", async () => {
  files.listEntries.mockResolvedValue({ entries: [entry("apples.txt", "file")], more: 0 });
  files.findFiles.mockImplementation(async (query: string) => ({
    paths: "deep/down/app.py".includes(query) ? ["deep/down/app.py", "apples.txt"] : [],
  }));
  const { box } = show();
  await userEvent.type(box, "look at @app");
  await screen.findByRole("option", { name: "deep/down/app.py" });
  const offered = () => screen.queryAllByRole("option").map((option) => option.textContent);
  expect(offered()).toEqual(["apples.txt", "deep/down/app.py"]);
  await userEvent.type(box, "{ArrowDown}{Enter}");
  expect(box.value).toBe("look at @deep/down/app.py ");
});

test("many that are near leave room for those that are far", async () => {
  const near = Array.from({ length: 20 }, (_, n) => entry(`map-${n}.txt`, "file"));
  files.listEntries.mockResolvedValue({ entries: near, more: 0 });
  files.findFiles.mockResolvedValue({ paths: ["far/map.rs"] });
  const { box } = show();
  await userEvent.type(box, "@map");
  await screen.findByRole("option", { name: "far/map.rs" });
  expect(screen.getAllByRole("option")).toHaveLength(8);
});

test("what was found for other letters is not offered for these", async () => {
  files.listEntries.mockResolvedValue({ entries: [], more: 0 });
  files.findFiles.mockImplementation((query: string) =>
    query === "ab" ? Promise.resolve({ paths: ["src/abacus.rs", "src/about.rs"] }) : new Promise(() => {}),
  );
  const { box } = show();
  await userEvent.type(box, "@ab");
  await screen.findByRole("option", { name: "src/about.rs" });
  await userEvent.type(box, "o");
  await waitFor(() => expect(screen.queryByRole("option", { name: "src/abacus.rs" })).toBeNull());
  expect(screen.getAllByRole("option").map((option) => option.textContent)).toEqual(["src/about.rs"]);
});

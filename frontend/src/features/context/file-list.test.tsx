import { render, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { PreviewFile } from "@/api/types";
import { toasts } from "@/ui/toast";
import { FileList } from "./file-list";

const asked: { path: string; body: unknown }[] = [];
let answer: () => Response = () => new Response(null, { status: 204 });

beforeEach(() => {
  asked.length = 0;
  answer = () => new Response(null, { status: 204 });
  toasts.setState({ items: [] });
  vi.stubGlobal("fetch", async (request: Request) => {
    const path = new URL(request.url).pathname.replace("/api/v1/conversations/", "");
    asked.push({ path, body: await request.json() });
    return answer();
  });
});

function file(path: string, change: Partial<PreviewFile> = {}): PreviewFile {
  return {
    path,
    version: 1,
    lines: 3,
    shown_lines: 3,
    tokens: 40,
    state: "full",
    age: 0,
    outdated: 0,
    pinned: false,
    ...change,
  };
}

function show(files: PreviewFile[], { busy = false, looksOnly = false } = {}) {
  const onChanged = vi.fn();
  render(<FileList id="conv_1" {...{ files, busy, looksOnly, onChanged }} />);
  return onChanged;
}

const pin = (path: string) => screen.getByRole("button", { name: `Pin ${path} for the model` });
const row = (path: string) => {
  const found = screen.getAllByTestId("context-file").find((one) => one.dataset.path === path);
  if (!found) throw new Error(`${path} is not listed`);
  return found;
};

test("a pinned file is marked, in words and as a button that is pressed", () => {
  show([file("a.txt"), file("b.txt", { pinned: true })]);
  expect(pin("a.txt").getAttribute("aria-pressed")).toBe("false");
  expect(pin("b.txt").getAttribute("aria-pressed")).toBe("true");
  expect(within(row("a.txt")).queryByText("pinned")).toBeNull();
  expect(within(row("b.txt")).getByText("pinned")).toBeDefined();
});

test("who only looks sees what is pinned, and is offered no change", () => {
  show([file("a.txt"), file("b.txt", { pinned: true })], { looksOnly: true });
  expect(within(row("b.txt")).getByText("pinned")).toBeDefined();
  expect(screen.queryAllByRole("button")).toEqual([]);
});

test("a file is pinned and unpinned, by the keyboard too, and the list is asked for again", async () => {
  const onChanged = show([file("a.txt"), file("b.txt", { pinned: true })]);
  await userEvent.tab();
  expect(document.activeElement).toBe(pin("a.txt"));
  await userEvent.keyboard("{Enter}");
  await waitFor(() => expect(onChanged).toHaveBeenCalledTimes(1));
  expect(document.activeElement, "the focus stays").toBe(pin("a.txt"));
  await userEvent.click(pin("b.txt"));
  await waitFor(() => expect(onChanged).toHaveBeenCalledTimes(2));
  expect(asked).toEqual([
    { path: "conv_1/context/pin", body: { path: "a.txt", pinned: true } },
    { path: "conv_1/context/pin", body: { path: "b.txt", pinned: false } },
  ]);
});

test("while the model is at work files can be pinned, and not closed", async () => {
  const onChanged = show([file("a.txt")], { busy: true });
  const close = screen.getByRole("button", { name: "Files can be closed when the model is not at work" });
  expect(close).toHaveProperty("disabled", true);
  await userEvent.click(pin("a.txt"));
  await waitFor(() => expect(onChanged).toHaveBeenCalledTimes(1));
  expect(asked).toHaveLength(1);
});

test("a refusal says what, why and what to do, until it is put away", async () => {
  const problem = {
    code: "pins_too_large",
    title: "Pinned files would take too much of the model's window",
    detail: "With a.txt they would take about 9000 tokens.",
    hint: "Unpin or close another file first.",
    status: 409,
  };
  answer = () => Response.json(problem, { status: 409 });
  const onChanged = show([file("a.txt")]);
  await userEvent.click(pin("a.txt"));
  const alert = await screen.findByRole("alert");
  for (const words of [problem.title, problem.detail, problem.hint]) {
    expect(within(alert).getByText(words)).toBeDefined();
  }
  expect(onChanged).not.toHaveBeenCalled();
  expect(toasts.getState().items).toEqual([]);
  await userEvent.click(within(alert).getByRole("button", { name: "Close" }));
  expect(screen.queryByRole("alert")).toBeNull();
});

test("a second click before the list is new asks for the same as the first", async () => {
  const onChanged = show([file("a.txt")]);
  await userEvent.dblClick(pin("a.txt"));
  await waitFor(() => expect(onChanged).toHaveBeenCalledTimes(2));
  expect(asked.map(({ body }) => body)).toEqual([
    { path: "a.txt", pinned: true },
    { path: "a.txt", pinned: true },
  ]);
});

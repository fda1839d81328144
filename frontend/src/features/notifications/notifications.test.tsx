import { act, render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { Conversation, RunStatus } from "@/api/types";
import { type ListView, reduceList } from "@/stream/list-store";
import { conversation, event } from "@/testing/events";
import { Toaster, toasts } from "@/ui/toast";
import { withCount } from "./badge";
import { clearKept } from "./kept";
import NoticeList from "./notice-list";
import { noticesBetween } from "./notices";
import { NotificationSettings } from "./notification-settings";
import { Notifier } from "./notifier";
import { setPreference } from "./preferences";

const list = createStore<Pick<ListView, "items" | "near" | "phase">>(() => ({
  items: [],
  near: [],
  phase: "ready",
}));
const router = vi.hoisted(() => ({ navigate: vi.fn(), open: undefined as string | undefined }));
vi.mock("@tanstack/react-router", () => ({
  useNavigate: () => router.navigate,
  useParams: () => ({ id: router.open }),
  Link: ({ params, children, ...rest }: { params: { id: string }; children: ReactNode }) => (
    <a {...rest} href={`/c/${params.id}`}>
      {children}
    </a>
  ),
}));
vi.mock("@/stream/react", () => ({
  useConversationList: (select: (view: unknown) => unknown) => useStore(list, select),
}));

const told: { title: string; tag: string | undefined }[] = [];

/** The browser's notifications, whose permission is `permission`. */
function notifications(permission: NotificationPermission, secure = true) {
  const requestPermission = vi.fn(async () => "granted" as const);
  class Fake {
    static permission = permission;
    static requestPermission = requestPermission;
    constructor(title: string, options?: NotificationOptions) {
      told.push({ title, tag: options?.tag });
    }
  }
  vi.stubGlobal("Notification", Fake);
  vi.stubGlobal("isSecureContext", secure);
  return requestPermission;
}

beforeEach(() => {
  told.length = 0;
  router.open = undefined;
  document.title = "Slipway";
  document.head.innerHTML += '<link rel="icon" href="/icon.svg">';
  list.setState({ items: [one("running")], near: [], phase: "ready" });
});
afterEach(() => {
  vi.unstubAllGlobals();
  for (const name of ["done", "needsYou", "failed", "budget"] as const) setPreference(name, true);
  setPreference("system", false);
  toasts.setState({ items: [], used: false });
  clearKept();
});

const one = (status: RunStatus, id = "conv_1") => conversation({ id, status, title: "Fix it" });
const become = (...items: Conversation[]) => act(() => list.setState({ items }));

describe("noticesBetween", () => {
  const kinds = (before: Conversation[], now: Conversation[]) =>
    noticesBetween(before, now).map(({ event }) => event);
  test.each([
    ["running", "done", ["done"]],
    ["running", "waiting_user", ["needsYou"]],
    ["running", "error", ["failed"]],
    ["running", "limit_reached", ["failed"]],
    ["running", "stopped", []],
    ["queued", "running", []],
    ["done", "done", []],
  ] as const)("%s → %s", (was, is, expected) => expect(kinds([one(was)], [one(is)])).toEqual(expected));

  test("a budget that is used up is told as that, a number of steps is not one", () => {
    const ended = (code: string) => ({
      ...one("limit_reached"),
      problem: { code, title: "A limit", status: 409 },
    });
    expect(kinds([one("running")], [ended("cost_limit")])).toEqual(["budget"]);
    expect(kinds([one("running")], [ended("conversation_step_limit")])).toEqual(["budget"]);
    expect(kinds([one("running")], [ended("step_limit")])).toEqual(["failed"]);
  });

  test("what was not there before is no news", () => {
    expect(kinds([], [one("done")])).toEqual([]);
  });
});

test("the number of conversations that wait is in the title and the icon, whoever changes the title", async () => {
  render(<Notifier />);
  become(one("waiting_user"), one("waiting_user", "conv_2"));
  expect(document.title).toBe("(2) ▲ Slipway");
  expect(document.querySelector<HTMLLinkElement>("link[rel=icon]")?.href).toContain("icon-waiting");
  document.title = "Fix it · Slipway";
  await waitFor(() => expect(document.title).toBe("(2) ▲ Fix it · Slipway"));
  become(one("done"));
  expect(document.title).toBe("Fix it · Slipway");
  expect(withCount("(12) ▲ x", 1)).toBe("(1) ▲ x");
  expect(withCount("▲ x", 2)).toBe("(2) ▲ x");
});

test("the page tells of other conversations, and leads there", async () => {
  router.open = "conv_2";
  render(
    <>
      <Notifier />
      <Toaster />
    </>,
  );
  become(one("done"));
  await userEvent.click(await screen.findByRole("button", { name: "Open" }));
  expect(router.navigate).toHaveBeenCalledWith({ to: "/c/$id", params: { id: "conv_1" } });
});

test("what the person is looking at is not told, nor what they do not want", () => {
  notifications("granted");
  vi.spyOn(document, "hasFocus").mockReturnValue(true);
  setPreference("system", true);
  router.open = "conv_1";
  const view = render(<Notifier />);
  become(one("done"));
  expect(told).toEqual([]);
  view.unmount();

  router.open = undefined;
  become(one("running"));
  setPreference("done", false);
  render(<Notifier />);
  become(one("done"));
  become(one("running"));
  become(one("error"));
  expect(told).toEqual([{ title: "“Fix it” has failed", tag: "conv_1" }]);
});

test("permission is asked for at a click only, and then used", async () => {
  const ask = notifications("default");
  render(
    <>
      <Notifier />
      <NotificationSettings />
    </>,
  );
  become(one("done"));
  expect(ask).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Allow notifications of the system…" }));
  expect(ask).toHaveBeenCalledTimes(1);
  await waitFor(() =>
    expect(screen.getByLabelText<HTMLInputElement>("Notifications of the system").checked).toBe(true),
  );
});

describe("a budget that is nearly used up", () => {
  /** The gateway tells of a budget of these conversations, all at once. */
  const tell = (seq: number, ...ids: string[]) => {
    const budget = { scope: "conversation", kind: "tokens", limit: 10, used: 8 } as const;
    const events = ids.map((id, at) => event(seq + at, { type: "budget.near", run_id: "run_1", budget }, id));
    const view: ListView = { ...list.getState(), seq: 0, problem: null, next: null };
    act(() => list.setState(events.reduce(reduceList, view)));
  };
  const titles = () => told.map(({ title }) => title);

  beforeEach(() => {
    notifications("granted");
    setPreference("system", true);
  });

  test("is told once each time that the gateway tells it", () => {
    list.setState({ items: [one("running"), one("running", "conv_2")] });
    tell(1, "conv_1");
    render(<Notifier />);
    expect(titles()).toEqual([]);
    tell(2, "conv_1", "conv_1");
    expect(titles()).toEqual(["“Fix it” has used most of its budget"]);
    become(one("running"), one("running", "conv_2"));
    expect(titles()).toHaveLength(1);
    tell(10, "conv_2");
    tell(11, "conv_1");
    expect(told.map(({ tag }) => tag)).toEqual(["conv_1", "conv_2", "conv_1"]);
  });

  test("is not told of a conversation that is looked at, nor to those who want nothing of budgets", () => {
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
    router.open = "conv_1";
    const view = render(<Notifier />);
    tell(1, "conv_1");
    view.unmount();
    router.open = undefined;
    setPreference("budget", false);
    render(<Notifier />);
    tell(2, "conv_1");
    setPreference("budget", true);
    tell(3, "conv_of_which_nothing_is_listed");
    expect(titles()).toEqual([]);
    tell(4, "conv_1");
    expect(titles()).toHaveLength(1);
  });
});

test("says what is in the way on plain HTTP", () => {
  notifications("default", false);
  render(<NotificationSettings />);
  expect(screen.getByText(/HTTPS/)).toBeDefined();
  expect(screen.queryByRole("button")).toBeNull();
});

describe("the list of notices", () => {
  const lines = () =>
    screen
      .queryAllByRole("listitem")
      .map(
        (line) => `${line.dataset.read === "true" ? "read" : "new"}: ${line.querySelector("a")?.textContent}`,
      );

  test("keeps what was told, newest first, until it is read or thrown away", async () => {
    render(
      <>
        <Notifier />
        <NoticeList />
      </>,
    );
    expect(screen.getByText(/Nothing yet/)).toBeDefined();
    become(one("done"));
    become(one("done"), one("running", "conv_2"));
    become(one("done"), one("error", "conv_2"));
    expect(lines()).toEqual([
      expect.stringMatching(/^new: .*“Fix it” has failed/),
      expect.stringMatching(/^new: .*“Fix it” is done/),
    ]);
    expect(JSON.parse(localStorage.getItem("slipway.notices") ?? "[]")).toHaveLength(2);
    await userEvent.click(screen.getAllByRole("button", { name: "Mark as read" })[1] as HTMLElement);
    expect(lines().map((line) => line.slice(0, 4))).toEqual(["new:", "read"]);
    await userEvent.click(screen.getByRole("button", { name: "Mark all as read" }));
    expect(lines().map((line) => line.slice(0, 4))).toEqual(["read", "read"]);
    await userEvent.click(screen.getByRole("button", { name: "Clear" }));
    expect(lines()).toEqual([]);
    expect(localStorage.getItem("slipway.notices")).toBeNull();
  });

  test("holds nothing that the person does not want to be told, and is read by looking at the conversation", () => {
    setPreference("done", false);
    vi.spyOn(document, "hasFocus").mockReturnValue(true);
    const view = render(
      <>
        <Notifier />
        <NoticeList />
      </>,
    );
    become(one("done"));
    expect(lines()).toEqual([]);
    become(one("running"));
    become(one("error"));
    expect(lines()).toHaveLength(1);
    router.open = "conv_1";
    view.rerender(
      <>
        <Notifier />
        <NoticeList />
      </>,
    );
    expect(lines()[0]).toMatch(/^read/);
  });
});

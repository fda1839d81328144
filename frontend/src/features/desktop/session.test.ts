import RFB from "@novnc/novnc";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { DesktopSession, type DesktopState } from "./session";

/** Stands in for noVNC, which wants a canvas and a server. */
class Connection extends EventTarget {
  viewOnly = false;
  disconnect = vi.fn(() => this.dispatchEvent(new Event("disconnect")));
  focus = vi.fn();
  blur = vi.fn();
}

vi.mock("@novnc/novnc", () => ({ default: vi.fn() }));

const connections: Connection[] = [];
const states: DesktopState["kind"][] = [];
const onReleaseKeys = vi.fn();
let session: DesktopSession;
let target: HTMLElement;

beforeEach(async () => {
  vi.useFakeTimers();
  connections.length = 0;
  states.length = 0;
  vi.mocked(RFB).mockImplementation(function open() {
    const connection = new Connection();
    connections.push(connection);
    return connection as never;
  } as never);
  target = document.body.appendChild(document.createElement("div"));
  session = new DesktopSession({
    target,
    url: "ws://desktop",
    start: async () => {},
    onState: ({ kind }) => states.push(kind),
    onReleaseKeys,
    onCopied: () => {},
  });
  await vi.advanceTimersByTimeAsync(0);
  connections[0]?.dispatchEvent(new Event("connect"));
});

afterEach(() => {
  session.close();
  target.remove();
  show(true);
  vi.useRealTimers();
});

function show(visible: boolean): void {
  Object.defineProperty(document, "hidden", { value: !visible, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}

test("a page that nobody looks at for a minute lets go, and comes back when it is looked at", async () => {
  show(false);
  await vi.advanceTimersByTimeAsync(59_000);
  expect(connections[0]?.disconnect).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(connections[0]?.disconnect).toHaveBeenCalledTimes(1);
  // That it was let go is no loss that would be made good.
  await vi.advanceTimersByTimeAsync(60_000);
  expect([connections.length, states.at(-1)]).toEqual([1, "hidden"]);
  show(true);
  await vi.advanceTimersByTimeAsync(0);
  expect([connections.length, states.at(-1)]).toEqual([2, "connecting"]);
});

test("a pane behind another tab lets go after a minute too, whatever the page does meanwhile", async () => {
  session.setShown(false);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(connections[0]?.disconnect).not.toHaveBeenCalled();
  session.setShown(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(connections[0]?.disconnect).not.toHaveBeenCalled();
  session.setShown(false);
  await vi.advanceTimersByTimeAsync(60_000);
  expect([connections[0]?.disconnect.mock.calls.length, states.at(-1)]).toEqual([1, "hidden"]);
  show(false);
  show(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(connections.length).toBe(1);
  session.setShown(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(connections.length).toBe(2);
});

test("a short look elsewhere changes nothing", async () => {
  show(false);
  await vi.advanceTimersByTimeAsync(30_000);
  show(true);
  await vi.advanceTimersByTimeAsync(120_000);
  expect([connections.length, states.at(-1)]).toEqual([1, "connected"]);
});

test("Ctrl+Alt+Shift takes the keyboard from the desktop at once", () => {
  session.setViewOnly(false);
  const keys = { key: "Shift", ctrlKey: true, altKey: true, shiftKey: true, cancelable: true };
  target.dispatchEvent(new KeyboardEvent("keydown", keys));
  expect(connections[0]?.viewOnly).toBe(true);
  expect(onReleaseKeys).toHaveBeenCalledTimes(1);
});

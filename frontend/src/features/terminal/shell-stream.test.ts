import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { ApiError } from "@/api/problem";
import { type ShellState, ShellStream } from "./shell-stream";

const api = vi.hoisted(() => ({ list: vi.fn() }));
vi.mock("@/api/terminals", () => ({
  listTerminals: api.list,
  terminalSocket: (_: string, shell: string, from: number | null) => `ws://x/${shell}?${from}`,
}));

/** A WebSocket whose other side is the test. */
class FakeSocket {
  static readonly OPEN = 1;
  static all: FakeSocket[] = [];
  readonly OPEN = 1;
  readyState = 1;
  binaryType = "";
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  sent: unknown[] = [];
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    FakeSocket.all.push(this);
  }
  send(message: unknown): void {
    this.sent.push(message);
  }
  close(): void {
    this.onclose?.();
  }
}

const shell = { id: "term_1", number: 1, columns: 80, rows: 24, started_at: 0, status: "running" };
const last = () => FakeSocket.all.at(-1) as FakeSocket;
const says = (notice: object) => last().onmessage?.({ data: JSON.stringify(notice) });
const attached = (start: number, end = start) => says({ type: "attached", terminal: shell, start, end });
function prints(offset: number, text: string): void {
  const bytes = new TextEncoder().encode(text);
  const message = new Uint8Array(8 + bytes.length);
  new DataView(message.buffer).setBigUint64(0, BigInt(offset));
  message.set(bytes, 8);
  last().onmessage?.({ data: message.buffer });
}

let states: ShellState[];
let output: string;
let lost: number;

function stream(): ShellStream {
  return new ShellStream("conv_1", "term_1", {
    onState: (state) => states.push(state),
    onOutput: (bytes, shown) => {
      output += new TextDecoder().decode(bytes);
      shown();
    },
    onLost: (bytes) => {
      lost += bytes;
    },
    onShell: () => {},
  });
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
  FakeSocket.all = [];
  [states, output, lost] = [[], "", 0];
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

test("output is shown in order and acknowledged", () => {
  stream();
  attached(0);
  prints(0, "one ");
  prints(4, "two");
  expect(output).toBe("one two");
  expect(last().sent.at(-1)).toBe('{"type":"ack","offset":7}');
});

test("after a lost connection it goes on behind what it has", async () => {
  api.list.mockResolvedValue({ items: [shell] });
  stream();
  attached(0);
  prints(0, "one ");
  last().close();
  await vi.runAllTimersAsync();
  expect(last().url).toBe("ws://x/term_1?4");
  attached(4, 7);
  prints(4, "two");
  expect([output, lost]).toEqual(["one two", 0]);
  expect(states.map(({ kind }) => kind)).toEqual([
    "connecting",
    "connected",
    "reconnecting",
    "reconnecting",
    "connected",
  ]);
});

test("what is not kept any more is told, and what is repeated is known", async () => {
  api.list.mockResolvedValue({ items: [shell] });
  const current = stream();
  attached(0);
  prints(0, "one");
  last().close();
  await vi.runAllTimersAsync();
  attached(100, 106);
  expect(lost).toBe(97);
  prints(100, "rep");
  expect(current.repeats).toBe(true);
  prints(103, "eat");
  expect(current.repeats).toBe(false);
});

test("a byte out of place is never shown: it begins anew", async () => {
  api.list.mockResolvedValue({ items: [shell] });
  stream();
  attached(0);
  prints(5, "wrong");
  expect(output).toBe("");
  await vi.runAllTimersAsync();
  expect(FakeSocket.all).toHaveLength(2);
});

test("an end is told with its code, and nothing is tried again", async () => {
  stream();
  attached(0);
  says({ type: "changed", terminal: { ...shell, status: "exited", exit_code: 3 } });
  last().close();
  await vi.runAllTimersAsync();
  expect(states.at(-1)).toEqual({ kind: "ended", how: "exited", exitCode: 3 });
  expect(FakeSocket.all).toHaveLength(1);
});

test("a shell that went with the sandbox is gone, and one that may not be seen says why", async () => {
  api.list.mockResolvedValueOnce({ items: [] });
  stream();
  last().close();
  await vi.runAllTimersAsync();
  expect(states.at(-1)).toEqual({ kind: "ended", how: "gone", exitCode: null });
  const problem = { code: "unauthorized", title: "Log in", detail: "", status: 401 };
  api.list.mockRejectedValueOnce(new ApiError(problem));
  stream();
  last().close();
  await vi.runAllTimersAsync();
  expect(states.at(-1)).toEqual({ kind: "failed", problem });
});

test("large pastes are typed in pieces, and nothing while there is no connection", () => {
  const current = stream();
  current.type("x".repeat(70_000));
  expect(last().sent.map((piece) => (piece as Uint8Array).length)).toEqual([32_768, 32_768, 4_464]);
  last().readyState = 3;
  current.type("lost");
  expect(last().sent).toHaveLength(3);
});

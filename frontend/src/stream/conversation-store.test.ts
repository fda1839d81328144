import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { ApiError } from "@/api/problem";
import type { SendMessage } from "@/api/types";
import { ConversationStore } from "./conversation-store";
import { outboxesToSend } from "./outbox";

const gateway = vi.hoisted(() => ({ send: vi.fn(), load: vi.fn() }));
vi.mock("@/api/endpoints", () => ({
  sendMessage: (id: string, message: unknown) => gateway.send(id, message),
  getConversation: () => gateway.load(),
  getOlderMessages: vi.fn(),
}));

const nobody = async () => {
  throw new TypeError("Failed to fetch");
};
const sent = () => gateway.send.mock.calls.map(([, message]) => (message as SendMessage).text);
const states = (store: ConversationStore) =>
  store.view
    .getState()
    .outbox.map(({ text, waiting, problem }) => [text, problem ? problem.code : waiting ? "waits" : "-"]);

beforeEach(() => {
  vi.useFakeTimers();
  localStorage.clear();
});
afterEach(() => {
  vi.useRealTimers();
  vi.resetAllMocks();
});

describe("what nobody answers", () => {
  test("waits, is kept for the next page, and goes out in its order, each once", async () => {
    const store = new ConversationStore("conv_1");
    gateway.send.mockImplementation(nobody);
    await store.send("one", "queue");
    await store.send("two", "queue");
    expect(states(store)).toEqual([
      ["one", "waits"],
      ["two", "waits"],
    ]);
    expect(outboxesToSend()).toEqual(["conv_1"]);
    // The second did not overtake the first.
    expect(new Set(sent())).toEqual(new Set(["one"]));
    gateway.send.mockReset();
    gateway.send.mockResolvedValue(undefined);
    await Promise.all([store.resume(), store.resume()]);
    await store.resume();
    expect(sent()).toEqual(["one", "two"]);
    store.close();
  });

  test("is tried again by itself, and not after it was discarded", async () => {
    const store = new ConversationStore("conv_1");
    gateway.send.mockImplementation(nobody);
    await store.send("one", "queue");
    await vi.advanceTimersByTimeAsync(6_000);
    expect(sent()).toEqual(["one", "one"]);
    store.discard(store.view.getState().outbox[0]?.clientId ?? "");
    await vi.advanceTimersByTimeAsync(30_000);
    expect(sent()).toEqual(["one", "one"]);
    expect(outboxesToSend()).toEqual([]);
  });

  test("is not what somebody refused: that waits for the person", async () => {
    const store = new ConversationStore("conv_1");
    gateway.send.mockRejectedValue(new ApiError({ code: "storage_full", title: "Full", status: 507 }));
    await store.send("one", "queue");
    expect(states(store)).toEqual([["one", "storage_full"]]);
    await vi.advanceTimersByTimeAsync(30_000);
    await store.resume();
    expect(sent()).toEqual(["one"]);
    expect(outboxesToSend()).toEqual([]);
  });

  test("is also what a proxy says whose gateway is away", async () => {
    const store = new ConversationStore("conv_1");
    gateway.send.mockRejectedValue(new ApiError({ code: "http_502", title: "Bad gateway", status: 502 }));
    await store.send("one", "queue");
    expect(states(store)).toEqual([["one", "waits"]]);
    store.close();
  });
});

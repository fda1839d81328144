import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { HubMessage, Post, TabMessage } from "./hub";
import { type Channel, Relay } from "./relay";

/** Channels that hear each other at once, as those of one browser do soon. */
let channels: Channel[] = [];
/** The streams that tabs have opened, and what they were told. */
let hubs: FakeHub[] = [];

class FakeChannel implements Channel {
  onmessage: Channel["onmessage"] = null;
  constructor() {
    channels.push(this);
  }
  postMessage(message: unknown): void {
    for (const other of channels) {
      // As between tabs: what arrives is a copy.
      const event = new MessageEvent("message", { data: structuredClone(message) as never });
      if (other !== this) queueMicrotask(() => other.onmessage?.(event));
    }
  }
  close(): void {
    channels = channels.filter((other) => other !== this);
  }
}

class FakeHub {
  readonly tabs = new Map<Post, string[]>();
  closed = false;
  constructor() {
    hubs.push(this);
  }
  join(post: Post): void {
    this.tabs.set(post, []);
  }
  async receive(post: Post, message: TabMessage): Promise<void> {
    if (message.type === "bye") this.tabs.delete(post);
    if (message.type !== "topics") return;
    this.tabs.set(post, message.topics);
    post({ type: "subscribed", request: message.request });
  }
  close(): void {
    this.closed = true;
  }
  get topics(): string[] {
    return [...this.tabs.values()].flat().sort();
  }
}

class FakeTab {
  readonly heard: HubMessage[] = [];
  readonly channel = new FakeChannel();
  readonly relay: Relay;
  constructor(id: string) {
    this.relay = new Relay((message) => this.heard.push(message), {
      id,
      channel: this.channel,
      openHub: () => new FakeHub(),
      now: Date.now,
      after: (ms, run) => {
        const timer = setTimeout(run, ms);
        return () => clearTimeout(timer);
      },
    });
  }
  ask(request: number, ...topics: string[]): void {
    this.relay.send({ type: "topics", topics, request });
  }
  /** The page is gone without a word. */
  die(): void {
    this.channel.onmessage = null;
    this.channel.close();
  }
  get kinds(): string[] {
    return this.heard.map(({ type }) => type);
  }
}

const settle = (ms = 1_000) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  channels = [];
  hubs = [];
});
afterEach(() => vi.useRealTimers());

describe("Relay", () => {
  test("of several tabs one holds the stream, and all are told what they asked for", async () => {
    const [first, second, third] = [new FakeTab("a"), new FakeTab("b"), new FakeTab("c")];
    first.ask(1, "user");
    second.ask(1, "user", "conv:b");
    third.ask(1, "conv:c");
    await settle();
    expect(hubs).toHaveLength(1);
    expect(hubs[0]?.topics).toEqual(["conv:b", "conv:c", "user", "user"]);
    for (const tab of [first, second, third]) {
      expect(tab.heard).toContainEqual({ type: "subscribed", request: 1 });
      expect(tab.kinds).not.toContain("reset");
    }
    for (const post of hubs[0]?.tabs.keys() ?? []) post({ type: "reset" });
    await settle();
    expect(third.kinds.filter((kind) => kind === "reset")).toHaveLength(1);
  });

  test("when the leader closes, another opens a stream, and all are told to fetch anew", async () => {
    const [first, second] = [new FakeTab("a"), new FakeTab("b")];
    first.ask(1, "user");
    second.ask(1, "user");
    await settle();
    expect([first.relay.leads, second.relay.leads]).toEqual([true, false]);
    first.relay.close();
    await settle();
    expect(hubs.map(({ closed }) => closed)).toEqual([true, false]);
    expect(second.relay.leads).toBe(true);
    expect(second.kinds.filter((kind) => kind === "reset")).toHaveLength(1);
    second.ask(2, "user");
    expect(hubs[1]?.topics).toEqual(["user"]);
  });

  test("when the leader dies without a word, another takes over within seconds", async () => {
    const [first, second, third] = [new FakeTab("a"), new FakeTab("b"), new FakeTab("c")];
    await settle();
    first.die();
    await settle(10_000);
    expect([second.relay.leads, third.relay.leads]).toEqual([true, false]);
    expect(second.kinds).toContain("state");
    expect(third.kinds).toContain("reset");
    third.ask(5, "conv:x");
    await settle();
    expect(hubs.at(-1)?.topics).toEqual(["conv:x"]);
    expect(first.heard).toEqual([]);
  });

  test("who says goodbye is not told any more, and comes back with a word", async () => {
    const [first, second] = [new FakeTab("a"), new FakeTab("b")];
    second.ask(1, "conv:b");
    await settle();
    second.relay.send({ type: "bye" });
    await settle();
    expect(hubs[0]?.tabs.size).toBe(1);
    second.ask(2, "conv:b");
    await settle();
    expect(hubs[0]?.topics).toEqual(["conv:b"]);
    expect(first.relay.leads).toBe(true);
  });

  test("a follower that is gone without a word is forgotten in the end", async () => {
    const [first, second, third] = [new FakeTab("a"), new FakeTab("b"), new FakeTab("c")];
    second.ask(1, "conv:b");
    third.ask(1, "conv:c");
    await settle();
    second.die();
    await settle(200_000);
    third.ask(2, "conv:c");
    await settle();
    expect(first.relay.leads).toBe(true);
    expect(hubs[0]?.topics).toEqual(["conv:c"]);
  });
});

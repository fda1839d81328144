import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { GatewayEvent } from "@/api/types";
import { event } from "@/testing/events";
import { EventConnection } from "./connection";

/** A gateway that answers what the test tells it to. */
class FakeGateway {
  readonly requests: { url: string; lastEventId: string | null; body: string }[] = [];
  #stream: ReadableStreamDefaultController<Uint8Array> | null = null;
  status = 200;
  /** Milliseconds until a change of topics is answered. */
  topicsTake = 0;

  readonly fetch = async (url: string, init: RequestInit): Promise<Response> => {
    const headers = new Headers(init.headers);
    this.requests.push({ url, lastEventId: headers.get("last-event-id"), body: String(init.body ?? "") });
    if (url.endsWith("/topics")) {
      await new Promise((resolve) => setTimeout(resolve, this.topicsTake));
      return new Response(null, { status: 204 });
    }
    if (this.status !== 200) return new Response("", { status: this.status });
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#stream = controller;
        init.signal?.addEventListener("abort", () => controller.error(new Error("aborted")));
      },
    });
    return new Response(body);
  };

  say(id: string, name: string, data: unknown): void {
    const text = `id: ${id}\nevent: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
    this.#stream?.enqueue(new TextEncoder().encode(text));
  }

  /** `at` is the gateway's time, and `started` when it was started. */
  hello(id = "e-0", at = 1, started = 0): void {
    this.say(id, "hello", { stream: "s1", epoch: id.split("-")[0], at, started_at: started });
  }

  cut(): void {
    this.#stream?.error(new Error("cut"));
  }
}

let gateway: FakeGateway;
let connection: EventConnection;
let events: GatewayEvent[];
let states: string[];
let resets: number;
let restarts: number;

/** Lets everything that is ready to happen, happen. */
const settle = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

beforeEach(() => {
  vi.useFakeTimers();
  gateway = new FakeGateway();
  vi.stubGlobal("fetch", gateway.fetch);
  [events, states, resets, restarts] = [[], [], 0, 0];
  connection = new EventConnection("/api", {
    onEvents: (more) => events.push(...more),
    onState: (state) => states.push(state.kind),
    onReset: () => {
      resets += 1;
    },
    onRestart: () => {
      restarts += 1;
    },
  });
  void connection.run();
});

afterEach(() => {
  connection.close();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

const notice = (seq: number) => event(seq, { type: "notice", level: "info", text: String(seq) }, null);

describe("EventConnection", () => {
  test("goes on after a cut from the last event that it has", async () => {
    await settle();
    gateway.hello();
    gateway.say("e-7", "notice", notice(7));
    await settle();
    gateway.cut();
    await settle(1_000);
    gateway.hello("e-7");
    gateway.say("e-8", "notice", notice(8));
    await settle();
    expect(gateway.requests.map(({ lastEventId }) => lastEventId)).toEqual([null, "e-7"]);
    expect(events.map(({ seq }) => seq)).toEqual([7, 8]);
    expect(states).toEqual(["open", "reconnecting", "open"]);
    expect(resets).toBe(0);
  });

  test("takes 25 s of silence for a dead stream, but not while pings come", async () => {
    await settle();
    gateway.hello();
    for (let second = 0; second < 60; second += 10) {
      await settle(10_000);
      gateway.say("e-0", "ping", {});
    }
    await settle();
    expect(states).toEqual(["open"]);
    await settle(27_000);
    expect(gateway.requests.length).toBeGreaterThan(1);
    expect(states).toEqual(["open", "reconnecting"]);
  });

  test("waits longer after each failure, and not at all when it is woken", async () => {
    await settle();
    gateway.status = 503;
    gateway.cut();
    await settle(1_000);
    const early = gateway.requests.length;
    await settle(60_000);
    const slow = gateway.requests.length;
    expect(early).toBeGreaterThanOrEqual(2);
    expect(slow - early).toBeLessThan(15);
    connection.wake();
    await settle();
    expect(gateway.requests.length).toBe(slow + 1);
  });

  test("tells the gateway about new topics, and its owner when they hold", async () => {
    await settle();
    gateway.hello();
    await settle();
    let held = false;
    void connection.subscribe(["user", "conv:a"]).then(() => {
      held = true;
    });
    await settle();
    expect(held).toBe(true);
    expect(gateway.requests.at(-1)).toMatchObject({ url: "/api/events/s1/topics" });
    expect(JSON.parse(gateway.requests.at(-1)?.body ?? "")).toEqual({ topics: ["user", "conv:a"] });
    gateway.cut();
    await settle(1_000);
    expect(gateway.requests.at(-1)?.url).toBe("/api/events?topics=user,conv%3Aa");
  });

  test("never has two changes of topics under way, which could overtake each other", async () => {
    await settle();
    gateway.hello();
    await settle();
    gateway.topicsTake = 100;
    const held: string[] = [];
    for (const name of ["a", "b", "c"]) void connection.subscribe([name]).then(() => held.push(name));
    await settle(50);
    const sent = () => gateway.requests.filter(({ url }) => url.endsWith("/topics")).map(({ body }) => body);
    expect([sent(), held]).toEqual([[JSON.stringify({ topics: ["a"] })], []]);
    await settle(60);
    expect(held).toEqual(["a"]);
    await settle(100);
    expect(sent()).toEqual([["a"], ["c"]].map((topics) => JSON.stringify({ topics })));
    expect(held).toEqual(["a", "b", "c"]);
  });

  test("passes a reset on, and nothing from before it", async () => {
    await settle();
    gateway.hello();
    gateway.say("e-3", "notice", notice(3));
    gateway.say("f-0", "reset", { cursor: "f-0" });
    await settle();
    expect(resets).toBe(1);
    gateway.cut();
    await settle(1_000);
    expect(gateway.requests.at(-1)?.lastEventId).toBe("f-0");
  });

  test("tells of a restart and of another state, once each, and not of a gateway that was there all the while", async () => {
    await settle();
    gateway.hello("e-1", 50, 10);
    await settle();
    for (const [id, at, started, told] of [
      ["e-1", 60, 10, 0],
      // Another of several gateways, started later than the first.
      ["e-1", 70, 30, 0],
      ["e-1", 90, 80, 1],
      ["e-1", 95, 80, 1],
      ["f-9", 96, 80, 2],
      ["f-9", 97, 80, 2],
    ] as const) {
      gateway.cut();
      await settle(1_000);
      gateway.hello(id, at, started);
      await settle();
      expect(restarts, `${id} ${at}`).toBe(told);
    }
  });

  test("says that the browser is signed out, and comes back when it is not any more", async () => {
    await settle();
    gateway.cut();
    gateway.status = 401;
    await settle(1_000);
    expect(states.at(-1)).toBe("unauthorized");
    gateway.status = 200;
    await settle(20_000);
    gateway.hello();
    await settle();
    expect(states.at(-1)).toBe("open");
  });
});

import { API_BASE } from "@/api/client";
import { randomId } from "@/platform/random-id";
import { Election, type ElectionMessage } from "./election";
import { Hub, type HubMessage, type Post, type TabMessage } from "./hub";
import type { EventSourceClient } from "./source";

/** What goes over the channel that all tabs hear. */
type Wire =
  | ElectionMessage
  | { type: "tell"; from: string; to: string; message: TabMessage }
  | { type: "told"; from: string; to: string; message: HubMessage };

/** The part of a `BroadcastChannel` that is used here. */
export interface Channel {
  postMessage(message: unknown): void;
  // The browser's own event, of which only this is looked at.
  onmessage: ((event: MessageEvent<Wire>) => void) | null;
  close(): void;
}

/** What a hub of the leader's is to the others. */
type Shared = Pick<Hub, "join" | "receive" | "close">;

/** The browser around a relay. */
export interface Surroundings {
  id: string;
  channel: Channel;
  openHub(): Shared;
  now(): number;
  after(ms: number, run: () => void): () => void;
}

/** Tabs of different versions of the page do not understand each other. */
const CHANNEL = "slipway-events-1";
/** A tab that has not asked for its leader for so long has gone without a word; timers of hidden ones run once a minute. */
const FORGET_MS = 180_000;

/** Whether tabs can share a stream without a shared worker. */
export const canRelay = typeof BroadcastChannel !== "undefined";

/** One event stream for all tabs where workers cannot be shared: one tab holds it and passes it on to the others. */
export function openRelay(receive: (message: HubMessage) => void): EventSourceClient {
  const after = (ms: number, run: () => void) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  };
  const channel = new BroadcastChannel(CHANNEL);
  return new Relay(receive, {
    id: randomId(),
    channel,
    openHub: () => new Hub(API_BASE),
    now: Date.now,
    after,
  });
}

/** A tab's part in passing the stream on: it leads, or hears from the one that does. */
export class Relay implements EventSourceClient {
  readonly #receive: (message: HubMessage) => void;
  readonly #around: Surroundings;
  readonly #election: Election;
  /** The stream, while this tab leads, and who hears from it. */
  #hub: Shared | null = null;
  readonly #followers = new Map<string, { post: Post; heardAt: number }>();
  /** What is to be told to the leader once there is one. */
  #unsent: TabMessage[] = [];
  /** Whether there was a leader before. */
  #hadLeader = false;

  constructor(receive: (message: HubMessage) => void, around: Surroundings) {
    this.#receive = receive;
    this.#around = around;
    const { id, channel, after } = around;
    this.#election = new Election({
      id,
      after,
      post: (message) => channel.postMessage(message),
      onLead: () => this.#lead(),
      onFollow: () => this.#follow(),
      onLost: () => this.#receive({ type: "state", state: { kind: "reconnecting", since: around.now() } }),
    });
    channel.onmessage = ({ data }) => this.#heard(data);
    this.#election.join();
  }

  /** Whether this tab holds the stream. */
  get leads(): boolean {
    return this.#election.leads;
  }

  send(message: TabMessage): void {
    if (message.type === "bye") {
      this.#leave();
      return;
    }
    // A page that was put aside and is back takes part again.
    this.#election.join();
    const { leader } = this.#election;
    if (leader === null) this.#unsent.push(message);
    else this.#tell(leader, message);
  }

  close(): void {
    this.#leave();
    this.#around.channel.onmessage = null;
    this.#around.channel.close();
  }

  #tell(leader: string, message: TabMessage): void {
    const { id, channel } = this.#around;
    if (this.#hub) void this.#hub.receive(this.#receive, message);
    else channel.postMessage({ type: "tell", from: id, to: leader, message } satisfies Wire);
  }

  #heard(wire: Wire): void {
    const { id } = this.#around;
    if (wire.type === "tell") {
      if (wire.to === id) this.#toldBy(wire.from, wire.message);
    } else if (wire.type === "told") {
      if (wire.to === id && wire.from === this.#election.leader) this.#receive(wire.message);
    } else {
      const follower = wire.type === "ping" ? this.#followers.get(wire.from) : undefined;
      if (follower) follower.heardAt = this.#around.now();
      this.#election.receive(wire);
    }
  }

  /** A follower has something for the stream that this tab holds. */
  #toldBy(from: string, message: TabMessage): void {
    if (!this.#hub) return;
    this.#forget((heardAt) => this.#around.now() - heardAt > FORGET_MS);
    const { id, channel } = this.#around;
    let follower = this.#followers.get(from);
    if (!follower) {
      const post = (told: HubMessage) =>
        channel.postMessage({ type: "told", from: id, to: from, message: told } satisfies Wire);
      follower = { post, heardAt: 0 };
      this.#followers.set(from, follower);
      this.#hub.join(post);
    }
    follower.heardAt = this.#around.now();
    void this.#hub.receive(follower.post, message);
    if (message.type === "bye") this.#followers.delete(from);
  }

  #forget(isGone: (heardAt: number) => boolean): void {
    for (const [from, { post, heardAt }] of this.#followers) {
      if (!isGone(heardAt)) continue;
      this.#followers.delete(from);
      void this.#hub?.receive(post, { type: "bye" });
    }
  }

  #lead(): void {
    this.#hub = this.#around.openHub();
    this.#hub.join(this.#receive);
    this.#begin(this.#around.id);
  }

  #follow(): void {
    this.#abdicate();
    const leader = this.#election.leader;
    if (leader !== null) this.#begin(leader);
  }

  /** There is a leader, for the first time or a new one: what the old one was told is lost with it, and events may be. */
  #begin(leader: string): void {
    const unsent = this.#unsent;
    this.#unsent = [];
    for (const message of unsent) this.#tell(leader, message);
    // Before, or what is asked for anew would be overwritten.
    if (this.#hadLeader) this.#receive({ type: "reset" });
    this.#hadLeader = true;
  }

  #leave(): void {
    const { leader } = this.#election;
    if (leader !== null && !this.#hub) this.#tell(leader, { type: "bye" });
    this.#abdicate();
    this.#election.leave();
  }

  #abdicate(): void {
    this.#hub?.close();
    this.#hub = null;
    this.#followers.clear();
  }
}

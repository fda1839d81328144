import type { GatewayEvent } from "@/api/types";
import { type ConnectionState, EventConnection } from "./connection";

/** From a tab to the hub. */
export type TabMessage =
  | { type: "topics"; topics: string[]; request: number }
  | { type: "wake" }
  | { type: "offline" }
  | { type: "bye" };

/** From the hub to a tab. */
export type HubMessage =
  | { type: "events"; events: GatewayEvent[] }
  | { type: "state"; state: ConnectionState }
  | { type: "subscribed"; request: number }
  /** Another Slipway answers than before: it was replaced, or set back to a backup. */
  | { type: "restarted" }
  | { type: "reset" };

/** One tab as the hub sees it. */
export type Post = (message: HubMessage) => void;

/** Events that every tab wants, whatever conversation they are about. */
const FOR_ALL = new Set(["conversation.updated", "conversation.deleted", "budget.near", "sandbox.updated"]);

/** Shares one event stream among tabs: browsers allow only six connections to one HTTP/1.1 origin. */
export class Hub {
  readonly #connection: EventConnection;
  readonly #tabs = new Map<Post, Set<string>>();

  constructor(base: string) {
    this.#connection = new EventConnection(base, {
      onEvents: (events) => this.#forward(events),
      onState: (state) => this.#broadcast({ type: "state", state }),
      onReset: () => this.#broadcast({ type: "reset" }),
      onRestart: () => this.#broadcast({ type: "restarted" }),
    });
    void this.#connection.run();
  }

  join(post: Post): void {
    this.#tabs.set(post, new Set());
    post({ type: "state", state: this.#connection.state });
  }

  async receive(post: Post, message: TabMessage): Promise<void> {
    if (message.type === "wake") return this.#connection.wake();
    if (message.type === "offline") return this.#connection.drop();
    if (message.type === "bye") {
      this.#tabs.delete(post);
      return;
    }
    this.#tabs.set(post, new Set(message.topics));
    const all = new Set([...this.#tabs.values()].flatMap((topics) => [...topics]));
    await this.#connection.subscribe([...all].sort());
    post({ type: "subscribed", request: message.request });
  }

  close(): void {
    this.#connection.close();
  }

  #broadcast(message: HubMessage): void {
    for (const post of this.#tabs.keys()) post(message);
  }

  #forward(events: GatewayEvent[]): void {
    for (const [post, topics] of this.#tabs) {
      const wanted = events.filter((event) => wants(topics, event));
      if (wanted.length > 0) post({ type: "events", events: wanted });
    }
  }
}

function wants(topics: Set<string>, event: GatewayEvent): boolean {
  if (event.conversation_id == null || FOR_ALL.has(event.body.type)) return topics.has("user");
  return topics.has(`conv:${event.conversation_id}`);
}

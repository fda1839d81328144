import type { GatewayEvent } from "@/api/types";
import { retryDelay } from "./retry";
import { type SseFrame, SseParser } from "./sse-parser";

/** How the one event stream of this browser is doing. */
export type ConnectionState =
  | { kind: "connecting" }
  | { kind: "open" }
  | { kind: "reconnecting"; since: number }
  | { kind: "unauthorized" };

/** What a connection tells its owner. */
export interface ConnectionListener {
  onEvents(events: GatewayEvent[]): void;
  onState(state: ConnectionState): void;
  /** Events were lost for good: whoever holds a snapshot must fetch it again. */
  onReset(): void;
  /** The gateway is another one than before the stream was lost. */
  onRestart(): void;
}

/** No byte for this long means that the stream is dead; the gateway pings every 10 s. */
const SILENCE_MS = 25_000;
/** On waking up, a stream that has been silent for this long is replaced at once. */
const STALE_MS = 15_000;

interface Topics {
  version: number;
  names: readonly string[];
}

/** What a stream begins with; times by the gateway's clock, in ms. */
interface Greeting {
  stream: string;
  epoch: string;
  at: number;
  /** When the gateway was started. */
  started_at: number;
}

/** Keeps one event stream to the gateway open for as long as it is not closed. */
export class EventConnection {
  readonly #base: string;
  readonly #listener: ConnectionListener;
  #abort = new AbortController();
  #skipWait: (() => void) | null = null;
  #closed = false;
  #state: ConnectionState = { kind: "connecting" };
  #lastByteAt = 0;
  #lastEventId = "";
  #greeting: Greeting | null = null;
  #streamId: string | null = null;
  #wanted: Topics = { version: 0, names: [] };
  #applied = 0;
  #sendsTopics = false;
  #waiting: { version: number; resolve: () => void }[] = [];

  constructor(base: string, listener: ConnectionListener) {
    this.#base = base;
    this.#listener = listener;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Connects, reads and reconnects until `close`. */
  async run(): Promise<void> {
    for (let failures = 0; !this.#closed; ) {
      const opened = await this.#connect();
      if (this.#closed) return;
      failures = opened ? 0 : failures + 1;
      this.#streamId = null;
      if (this.#state.kind !== "unauthorized") this.#reportLoss();
      await this.#pause(retryDelay(failures));
    }
  }

  /** Asks for these topics; resolves when the gateway sends all their events from now on. */
  subscribe(names: readonly string[]): Promise<void> {
    this.#wanted = { version: this.#wanted.version + 1, names };
    const { version } = this.#wanted;
    const done = new Promise<void>((resolve) => this.#waiting.push({ version, resolve }));
    void this.#sendTopics();
    return done;
  }

  /** The tab became visible or the network came back: do not wait any longer. */
  wake(): void {
    if (this.#skipWait) this.#skipWait();
    else if (Date.now() - this.#lastByteAt > STALE_MS) this.#abort.abort();
  }

  /** The network went away: a stream over it would only be silent, until that is taken for its end. */
  drop(): void {
    this.#abort.abort();
  }

  close(): void {
    this.#closed = true;
    this.#abort.abort();
    this.#skipWait?.();
  }

  /** One connection from start to end; says whether it was ever open. */
  async #connect(): Promise<boolean> {
    const abort = new AbortController();
    this.#abort = abort;
    this.#lastByteAt = Date.now();
    const watchdog = setInterval(() => {
      if (Date.now() - this.#lastByteAt > SILENCE_MS) abort.abort();
    }, 1_000);
    let opened = false;
    try {
      const topics = this.#wanted;
      const answer = await fetch(
        `${this.#base}/events?topics=${topics.names.map(encodeURIComponent).join(",")}`,
        {
          credentials: "same-origin",
          cache: "no-store",
          headers: {
            accept: "text/event-stream",
            ...(this.#lastEventId && { "last-event-id": this.#lastEventId }),
          },
          signal: abort.signal,
        },
      );
      if (answer.status === 401) this.#setState({ kind: "unauthorized" });
      if (!answer.ok || !answer.body) return false;
      opened = true;
      // A stream that was lost before its first event has no place to resume from.
      if (this.#state.kind === "reconnecting" && !this.#lastEventId) this.#listener.onReset();
      this.#topicsApplied(topics.version);
      await this.#read(answer.body);
    } catch {
      // Refused, cut or aborted: the caller tries again.
    } finally {
      clearInterval(watchdog);
    }
    return opened;
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    const parser = new SseParser();
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      this.#lastByteAt = Date.now();
      this.#deliver(parser.push(value));
    }
  }

  #deliver(frames: SseFrame[]): void {
    let events: GatewayEvent[] = [];
    for (const frame of frames) {
      if (frame.id) this.#lastEventId = frame.id;
      if (frame.event === "ping") continue;
      if (frame.event === "hello") this.#greeted(frame.data);
      else if (frame.event === "reset") {
        events = [];
        this.#listener.onReset();
      } else events.push(JSON.parse(frame.data) as GatewayEvent);
    }
    if (events.length > 0) this.#listener.onEvents(events);
  }

  #greeted(data: string): void {
    const greeting = JSON.parse(data) as Greeting;
    const { stream, epoch, started_at } = greeting;
    this.#streamId = stream;
    this.#setState({ kind: "open" });
    const last = this.#greeting;
    // Of several gateways behind one address the other has been there all the while.
    if (last && (last.epoch !== epoch || started_at > last.at)) this.#listener.onRestart();
    this.#greeting = greeting;
    void this.#sendTopics();
  }

  /** One request at a time: two under way could overtake each other, and the older topics would stay. */
  async #sendTopics(): Promise<void> {
    if (this.#sendsTopics) return;
    this.#sendsTopics = true;
    while (this.#streamId !== null && this.#wanted.version > this.#applied) {
      await this.#postTopics(this.#streamId, this.#wanted, this.#abort);
    }
    this.#sendsTopics = false;
  }

  async #postTopics(stream: string, { version, names }: Topics, connection: AbortController): Promise<void> {
    try {
      const answer = await fetch(`${this.#base}/events/${stream}/topics`, {
        method: "POST",
        credentials: "same-origin",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ topics: names }),
        signal: connection.signal,
      });
      if (answer.ok) return this.#topicsApplied(version);
    } catch {
      // As after a refusal.
    }
    // The next connection asks for the wanted topics from its start.
    if (this.#streamId === stream) this.#streamId = null;
    connection.abort();
  }

  #topicsApplied(version: number): void {
    this.#applied = Math.max(this.#applied, version);
    const ready = this.#waiting.filter((waiter) => waiter.version <= this.#applied);
    this.#waiting = this.#waiting.filter((waiter) => waiter.version > this.#applied);
    for (const waiter of ready) waiter.resolve();
  }

  #reportLoss(): void {
    if (this.#state.kind === "connecting") this.#setState({ kind: "reconnecting", since: Date.now() });
    else if (this.#state.kind === "open") this.#setState({ kind: "reconnecting", since: Date.now() });
  }

  #setState(state: ConnectionState): void {
    if (state.kind === this.#state.kind) return;
    this.#state = state;
    this.#listener.onState(state);
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        clearTimeout(timer);
        this.#skipWait = null;
        resolve();
      };
      const timer = setTimeout(end, ms);
      this.#skipWait = end;
    });
  }
}

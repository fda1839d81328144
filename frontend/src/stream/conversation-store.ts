import { createStore, type StoreApi } from "zustand/vanilla";
import { getConversation, sendMessage } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { Attachment, GatewayEvent, Problem, SendMode } from "@/api/types";
import { randomId } from "@/platform/random-id";
import { FrameBuffer } from "./frame";
import { History, type Past } from "./history";
import { isUnreachable, type OutboxItem, readOutbox, withoutArrived, writeOutbox } from "./outbox";
import { type ConversationState, fromSnapshot, reduce } from "./reducer";

/** What the UI sees of one conversation. */
export interface ConversationView {
  phase: "loading" | "ready" | "missing" | "failed";
  /** Why it could not be loaded. */
  problem: Problem | null;
  state: ConversationState | null;
  outbox: readonly OutboxItem[];
  /** What is read instead of the newest messages, while the person is far back. */
  past: Past | null;
  loadingOlder: boolean;
}

const RETRY_LOAD_MS = 2_000;
/** A message that nobody answered is tried again after this long, should the event stream tell of nothing. */
const RETRY_SEND_MS = 5_000;

/** Keeps one conversation up to date: a snapshot, then every event after it. */
export class ConversationStore {
  readonly id: string;
  readonly view: StoreApi<ConversationView>;
  /** What of the conversation is loaded. */
  readonly history: History;
  readonly #buffer = new FrameBuffer<GatewayEvent>((events) => this.#apply(events));
  /** Events that came while a snapshot is being fetched. */
  #early: GatewayEvent[] | null = [];
  readonly #underWay = new Set<string>();
  /** What the gateway has taken but not yet told of in an event. */
  readonly #taken = new Set<string>();
  #sending = false;
  #generation = 0;
  #closed = false;

  constructor(id: string) {
    this.id = id;
    this.view = createStore<ConversationView>(() => ({
      phase: "loading",
      problem: null,
      state: null,
      outbox: readOutbox(id),
      past: null,
      loadingOlder: false,
    }));
    this.history = new History(id, this.view);
    this.view.subscribe((now, before) => {
      if (now.outbox !== before.outbox) writeOutbox(id, now.outbox);
    });
  }

  /** Fetches the snapshot. The event stream must already deliver this conversation's events. */
  async load(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#early ??= [];
    try {
      const snapshot = await getConversation(this.id);
      if (generation !== this.#generation) return;
      const early = this.#early ?? [];
      this.#early = null;
      this.#set(early.reduce(reduce, fromSnapshot(snapshot)));
      void this.resume();
    } catch (error) {
      if (generation === this.#generation) this.#loadFailed(toProblem(error));
    }
  }

  receive(events: readonly GatewayEvent[]): void {
    const mine = events.filter((event) => event.conversation_id === this.id);
    if (this.#early) this.#early.push(...mine);
    else if (mine.length > 0) this.#buffer.push(mine);
  }

  /** Sends a message; it shows at once and stays, with the reason, when it cannot be sent. */
  async send(
    text: string,
    mode: SendMode,
    attachments: readonly Attachment[] = [],
    clientId = randomId(),
  ): Promise<void> {
    const item: OutboxItem = { clientId, text, mode, attachments };
    // Behind others that wait it waits too, or it would come before them.
    const waits = this.view.getState().outbox.some((one) => one.waiting);
    this.view.setState(({ outbox }) => ({ outbox: [...outbox, waits ? { ...item, waiting: true } : item] }));
    await (waits ? this.resume() : this.#deliver(item));
  }

  async retry(clientId: string): Promise<void> {
    const item = this.view.getState().outbox.find((one) => one.clientId === clientId);
    if (item) await this.#deliver({ ...item, problem: undefined });
  }

  discard(clientId: string): void {
    this.view.setState(({ outbox }) => ({ outbox: outbox.filter((item) => item.clientId !== clientId) }));
  }

  close(): void {
    this.#closed = true;
    this.#generation += 1;
  }

  /**
   * Sends what nobody has answered, here or on an earlier page, in its order and until one gets no answer again;
   * the gateway takes each message once.
   */
  async resume(): Promise<void> {
    if (this.#sending) return;
    this.#sending = true;
    for (let item = this.#next(); item; item = this.#next()) {
      if (!(await this.#deliver(item))) break;
    }
    this.#sending = false;
  }

  #next(): OutboxItem | undefined {
    const { outbox } = this.view.getState();
    return outbox.find(
      ({ problem, clientId }) => !problem && !this.#underWay.has(clientId) && !this.#taken.has(clientId),
    );
  }

  /** Says whether anybody answered. */
  async #deliver(item: OutboxItem): Promise<boolean> {
    this.#underWay.add(item.clientId);
    this.#putOutbox(item);
    try {
      await sendMessage(this.id, {
        client_id: item.clientId,
        text: item.text,
        mode: item.mode,
        attachments: [...(item.attachments ?? [])],
      });
      this.#taken.add(item.clientId);
      return true;
    } catch (error) {
      const problem = toProblem(error);
      const waiting = isUnreachable(problem);
      this.#putOutbox(waiting ? { ...item, waiting } : { ...item, waiting: false, problem });
      if (waiting) setTimeout(() => this.#closed || void this.resume(), RETRY_SEND_MS);
      return !waiting;
    } finally {
      this.#underWay.delete(item.clientId);
    }
  }

  #putOutbox(item: OutboxItem): void {
    this.view.setState(({ outbox }) => ({
      outbox: outbox.map((known) => (known.clientId === item.clientId ? item : known)),
    }));
  }

  #apply(events: GatewayEvent[]): void {
    const { state } = this.view.getState();
    if (this.#early) this.#early.push(...events);
    else if (state) this.#set(events.reduce(reduce, state));
  }

  #set(state: ConversationState): void {
    this.view.setState(({ outbox }) => ({
      phase: "ready",
      problem: null,
      state,
      outbox: withoutArrived(outbox, state),
    }));
  }

  #loadFailed(problem: Problem): void {
    if (problem.status === 404) {
      this.view.setState({ phase: "missing", problem });
      return;
    }
    // What is already on the screen stays readable.
    if (!this.view.getState().state) this.view.setState({ phase: "failed", problem });
    setTimeout(() => !this.#closed && this.load(), RETRY_LOAD_MS);
  }
}

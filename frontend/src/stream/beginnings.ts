import { createStore, type StoreApi } from "zustand/vanilla";
import { createConversation } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { Attachment, Conversation, Problem } from "@/api/types";
import { randomId } from "@/platform/random-id";
import { readStored, writeStored } from "@/platform/storage";
import { isUnreachable } from "./outbox";

/** A conversation that could not be begun yet. */
export interface Beginning {
  /** Names the request and its message, so that either does something once. */
  key: string;
  text: string;
  workspace: string;
  attachments: readonly Attachment[];
  /** Why Slipway refused it; absent while it only waits for an answer. */
  problem?: Problem;
}

/** Takes a conversation that has begun, and its first message. */
type Hand = (
  conversation: Conversation,
  text: string,
  attachments: readonly Attachment[],
  key: string,
) => void;

const KEY = "slipway.beginnings";
const RETRY_MS = 5_000;

/**
 * New conversations whose first message nobody has answered: kept until somebody does, over a reload too, and begun then
 * by themselves, in their order.
 */
export class Beginnings {
  readonly view: StoreApi<{ items: readonly Beginning[]; begun: Conversation | null }>;
  readonly #hand: Hand;
  #busy = false;

  constructor(hand: Hand) {
    this.#hand = hand;
    this.view = createStore(() => ({ items: stored(), begun: null as Conversation | null }));
    this.view.subscribe((now, before) => {
      if (now.items !== before.items)
        writeStored(KEY, now.items.length > 0 ? JSON.stringify(now.items) : null);
    });
    // What another tab has begun or thrown away.
    addEventListener("storage", ({ key }) => key === KEY && this.#put(stored()));
  }

  /**
   * Begins a conversation; null when that has to wait until somebody answers.
   *
   * @throws ApiError when Slipway refuses.
   */
  async begin(wanted: Omit<Beginning, "key" | "problem">): Promise<Conversation | null> {
    const item: Beginning = { ...wanted, key: randomId() };
    // Not before those that wait already.
    if (this.#next()) {
      this.#put([...this.view.getState().items, item]);
      await this.resume();
      return null;
    }
    try {
      return await this.#create(item);
    } catch (error) {
      if (!isUnreachable(toProblem(error))) throw error;
      this.#put([...this.view.getState().items, item]);
      setTimeout(() => void this.resume(), RETRY_MS);
      return null;
    }
  }

  /** Begins what waits, until nobody answers again. */
  async resume(): Promise<void> {
    if (this.#busy) return;
    this.#busy = true;
    for (let item = this.#next(); item; item = this.#next()) {
      const { key } = item;
      try {
        const begun = await this.#create(item);
        this.discard(key);
        this.view.setState({ begun });
      } catch (error) {
        const problem = toProblem(error);
        if (isUnreachable(problem)) {
          setTimeout(() => void this.resume(), RETRY_MS);
          break;
        }
        this.#change(key, problem);
      }
    }
    this.#busy = false;
  }

  /** Tries one again that was refused. */
  async retry(key: string): Promise<void> {
    this.#change(key, undefined);
    await this.resume();
  }

  discard(key: string): void {
    this.#put(this.view.getState().items.filter((item) => item.key !== key));
  }

  async #create({ key, text, workspace, attachments }: Beginning): Promise<Conversation> {
    const conversation = await createConversation({ workspace_id: workspace }, key);
    this.#hand(conversation, text, attachments, key);
    return conversation;
  }

  #next(): Beginning | undefined {
    return this.view.getState().items.find(({ problem }) => !problem);
  }

  #change(key: string, problem: Problem | undefined): void {
    this.#put(this.view.getState().items.map((item) => (item.key === key ? { ...item, problem } : item)));
  }

  #put(items: readonly Beginning[]): void {
    this.view.setState({ items });
  }
}

function stored(): readonly Beginning[] {
  try {
    return JSON.parse(readStored(KEY) ?? "[]") as Beginning[];
  } catch {
    return [];
  }
}

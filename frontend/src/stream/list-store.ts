import { createStore, type StoreApi } from "zustand/vanilla";
import { listConversations } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { Conversation, GatewayEvent, Problem } from "@/api/types";
import { cursorSeq } from "./reducer";

/** The conversations that this client knows and that are not put away: pinned ones first, then newest first. */
export interface ListView {
  phase: "loading" | "ready" | "failed";
  problem: Problem | null;
  seq: number;
  items: readonly Conversation[];
  /** Conversations with a budget that was told to be nearly used up, each time; the newest last. */
  near: readonly NearBudgetTold[];
  /** Where the next page begins; null when everything is loaded. */
  next: string | null;
}

/** That a budget is nearly used up, as it was told. */
export interface NearBudgetTold {
  seq: number;
  conversationId: string;
}

/** More are not told at once. */
const MOST_NEAR = 20;

const RETRY_LOAD_MS = 2_000;

/** Applies an event to the list; pure, and an event that is already in it changes nothing. */
export function reduceList(view: ListView, event: GatewayEvent): ListView {
  if (event.seq <= view.seq) return view;
  const { body } = event;
  const next = { ...view, seq: event.seq };
  if (body.type === "conversation.updated") return { ...next, items: put(view.items, body.conversation) };
  if (body.type === "conversation.deleted") {
    return { ...next, items: view.items.filter((item) => item.id !== body.conversation_id) };
  }
  if (body.type === "budget.near" && event.conversation_id != null) {
    const told = { seq: event.seq, conversationId: event.conversation_id };
    return { ...next, near: [...view.near, told].slice(-MOST_NEAR) };
  }
  return next;
}

function put(items: readonly Conversation[], conversation: Conversation): readonly Conversation[] {
  const others = items.filter((item) => item.id !== conversation.id);
  if (conversation.archived) return others;
  return [conversation, ...others].sort(
    (a, b) => Number(b.pinned) - Number(a.pinned) || b.updated_at - a.updated_at,
  );
}

/** Keeps the conversation list up to date. */
export class ListStore {
  readonly view: StoreApi<ListView>;
  #early: GatewayEvent[] | null = [];
  #generation = 0;
  #loadingMore = false;

  constructor() {
    this.view = createStore<ListView>(() => ({
      phase: "loading",
      problem: null,
      seq: 0,
      items: [],
      near: [],
      next: null,
    }));
  }

  /** Fetches the newest page. The event stream must already deliver the topic `user`. */
  async load(): Promise<void> {
    this.#generation += 1;
    const generation = this.#generation;
    this.#early ??= [];
    try {
      const page = await listConversations();
      if (generation !== this.#generation) return;
      const fresh: ListView = {
        phase: "ready",
        problem: null,
        seq: cursorSeq(page.cursor),
        items: page.items,
        near: [],
        next: page.next ?? null,
      };
      const early = this.#early ?? [];
      this.#early = null;
      this.view.setState(early.reduce(reduceList, fresh));
    } catch (error) {
      if (generation !== this.#generation) return;
      this.view.setState({ phase: "failed", problem: toProblem(error) });
      setTimeout(() => generation === this.#generation && this.load(), RETRY_LOAD_MS);
    }
  }

  receive(events: readonly GatewayEvent[]): void {
    if (this.#early) this.#early.push(...events);
    else this.view.setState((view) => events.reduce(reduceList, view));
  }

  async loadMore(): Promise<void> {
    const { next } = this.view.getState();
    if (!next || this.#loadingMore) return;
    this.#loadingMore = true;
    try {
      const page = await listConversations(next);
      this.view.setState((view) => {
        const known = new Set(view.items.map((item) => item.id));
        const older = page.items.filter((item) => !known.has(item.id));
        return { items: [...view.items, ...older], next: page.next ?? null };
      });
    } catch {
      // Scrolling on, or the button, asks again.
    } finally {
      this.#loadingMore = false;
    }
  }

  /** Shows a conversation at once that this tab has just created or changed. */
  put(conversation: Conversation): void {
    this.view.setState((view) => ({ items: put(view.items, conversation) }));
  }

  /** Takes a conversation out at once that this tab is about to delete. */
  remove(id: string): void {
    this.view.setState((view) => ({ items: view.items.filter((item) => item.id !== id) }));
  }
}

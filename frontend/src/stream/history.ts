import type { StoreApi } from "zustand/vanilla";
import { getMessages } from "@/api/endpoints";
import type { Message } from "@/api/types";
import type { ConversationView } from "./conversation-store";

/** Messages far back that do not reach to the newest ones: what is between is not loaded. */
export interface Past {
  messages: readonly Message[];
  /** Whether the gateway has messages older than the first. */
  hasMore: boolean;
}

/** What is shown of a conversation: the newest messages, or those around one that somebody went to. */
export function shownMessages({ past, state }: ConversationView): readonly Message[] {
  return past?.messages ?? state?.messages ?? NONE;
}

const NONE: readonly Message[] = [];

/** Loads what of a conversation is not there yet: a page at a time, wherever the person reads. */
export class History {
  readonly #id: string;
  readonly #view: StoreApi<ConversationView>;
  #loadingNewer = false;

  constructor(id: string, view: StoreApi<ConversationView>) {
    this.#id = id;
    this.#view = view;
  }

  /** Puts the page of messages before the first one in front. */
  async loadOlder(): Promise<void> {
    const view = this.#view.getState();
    const first = shownMessages(view)[0];
    const hasMore = view.past ? view.past.hasMore : view.state?.hasMore;
    if (!hasMore || !first || view.loadingOlder) return;
    this.#view.setState({ loadingOlder: true });
    try {
      const page = await getMessages(this.#id, { before: first.id });
      const { past, state } = this.#view.getState();
      const shown = past ?? state;
      // Somebody went elsewhere in the meantime, or a reset made the page meaningless.
      if (shown?.messages[0]?.id !== first.id) return;
      const older = { messages: [...page.messages, ...shown.messages], hasMore: page.has_more };
      if (past) this.#view.setState({ past: older });
      else if (state) this.#view.setState({ state: { ...state, ...older } });
    } catch {
      // Scrolling up again asks again.
    } finally {
      this.#view.setState({ loadingOlder: false });
    }
  }

  /** Puts the page of messages behind the last one of the past at its end, until it reaches the newest ones. */
  async loadNewer(): Promise<void> {
    const last = this.#view.getState().past?.messages.at(-1);
    if (!last || this.#loadingNewer) return;
    this.#loadingNewer = true;
    try {
      const page = await getMessages(this.#id, { after: last.id });
      const { past } = this.#view.getState();
      if (past?.messages.at(-1)?.id !== last.id) return;
      this.#put({ ...past, messages: [...past.messages, ...page.messages] });
    } catch {
      // Scrolling down again asks again.
    } finally {
      this.#loadingNewer = false;
    }
  }

  /** Has the message, or the one with the part, of this id among those that are shown; says whether there is one. */
  async show(id: string): Promise<boolean> {
    const { past, state } = this.#view.getState();
    if (past && holds(past.messages, id)) return true;
    if (state && holds(state.messages, id)) {
      this.toNewest();
      return true;
    }
    const page = await getMessages(this.#id, { around: id });
    if (!holds(page.messages, id)) return false;
    this.#put({ messages: page.messages, hasMore: page.has_more });
    return true;
  }

  /** Shows the newest messages again. */
  toNewest(): void {
    if (this.#view.getState().past) this.#view.setState({ past: null });
  }

  /** Shows the past, as one with the newest messages where it reaches them. */
  #put(past: Past): void {
    const { state } = this.#view.getState();
    const newest = state?.messages[0];
    const meets = past.messages.findIndex((message) => message.id === newest?.id);
    if (!state || meets < 0) {
      this.#view.setState({ past });
      return;
    }
    const messages = [...past.messages.slice(0, meets), ...state.messages];
    this.#view.setState({ past: null, state: { ...state, messages, hasMore: past.hasMore } });
  }
}

function holds(messages: readonly Message[], id: string): boolean {
  return messages.some((message) => message.id === id || message.parts.some((part) => part.id === id));
}

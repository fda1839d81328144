import { createStore, type StoreApi } from "zustand/vanilla";
import type { GatewayEvent, NoticeLevel, SandboxStatus, WorkspaceGit } from "@/api/types";
import { DEFAULT_WORKSPACE } from "@/api/workspaces";
import { tellAnswered } from "@/platform/answering";
import { Beginnings } from "./beginnings";
import type { ConnectionState } from "./connection";
import { ConversationStore } from "./conversation-store";
import type { HubMessage } from "./hub";
import { ListStore } from "./list-store";
import { outboxesToSend } from "./outbox";
import { type EventSourceClient, openEventSource } from "./source";

/** Things that the rest of the app wants to hear of. */
export interface SessionListener {
  onSandbox(sandbox: SandboxStatus): void;
  onNotice(level: NoticeLevel, text: string): void;
  /** Files of the workspace, or directories that somebody looks at, have changed. */
  onFiles(paths: readonly string[]): void;
  /** In a repository of a workspace something else was checked out, committed or begun. */
  onGit(workspace: string, git: WorkspaceGit): void;
  /** The gateway was replaced or events were lost: cached answers may be wrong. */
  onReset(): void;
}

/** Conversations that nobody looks at but that stay up to date, for quick switching. */
const KEEP_UNUSED = 4;

/** How this tab is connected. */
export interface ConnectionView {
  state: ConnectionState;
  /** When another Slipway than before began to answer; null unless that was while this page was open. */
  restartedAt: number | null;
}

/** A tab's live view of the gateway: the list, the open conversations and the stream behind them. */
export class Session {
  readonly list = new ListStore();
  readonly connection: StoreApi<ConnectionView>;
  /** Conversations that are to begin as soon as somebody answers. */
  readonly beginnings: Beginnings;
  readonly #listener: SessionListener;
  readonly #open: (receive: (message: HubMessage) => void) => EventSourceClient;
  readonly #conversations = new Map<string, { store: ConversationStore; users: number }>();
  #source: EventSourceClient | null = null;
  #requests = 0;
  #pending = new Map<number, () => void>();

  constructor(listener: SessionListener, open = openEventSource) {
    this.#listener = listener;
    this.#open = open;
    this.connection = createStore<ConnectionView>(() => ({
      state: { kind: "connecting" },
      restartedAt: null,
    }));
    this.beginnings = new Beginnings((conversation, text, attachments, clientId) => {
      this.list.put(conversation);
      const store = this.acquire(conversation.id);
      void store.send(text, "queue", attachments, clientId);
      this.release(conversation.id);
    });
  }

  /** Connects; the answer disconnects again. */
  start(): () => void {
    this.#source = this.#open((message) => this.#receive(message));
    void this.#subscribe().then(() => this.list.load());
    const wake = () => document.hidden || this.#source?.send({ type: "wake" });
    const offline = () => this.#source?.send({ type: "offline" });
    const leave = () => this.#source?.send({ type: "bye" });
    // A page that comes back from the back/forward cache has missed everything since.
    const back = (event: PageTransitionEvent) => event.persisted && this.#reload();
    window.addEventListener("online", wake);
    window.addEventListener("offline", offline);
    document.addEventListener("visibilitychange", wake);
    window.addEventListener("pagehide", leave);
    window.addEventListener("pageshow", back);
    return () => {
      window.removeEventListener("online", wake);
      window.removeEventListener("offline", offline);
      document.removeEventListener("visibilitychange", wake);
      window.removeEventListener("pagehide", leave);
      window.removeEventListener("pageshow", back);
      this.#source?.close();
      this.#source = null;
    };
  }

  /** Tries at once to reach the gateway. */
  wake(): void {
    this.#source?.send({ type: "wake" });
  }

  /** The workspace of a conversation that this tab knows; null for others. */
  workspaceOf(id: string): string | null {
    const open = this.#conversations.get(id)?.store.view.getState().state?.conversation;
    const known = open ?? this.list.view.getState().items.find((item) => item.id === id);
    return known ? (known.workspace_id ?? DEFAULT_WORKSPACE) : null;
  }

  /** A conversation's store, loaded on first use; `release` says that the caller is done with it. */
  acquire(id: string): ConversationStore {
    let entry = this.#conversations.get(id);
    if (!entry) {
      entry = { store: new ConversationStore(id), users: 0 };
      const { store } = entry;
      this.#conversations.set(id, entry);
      void this.#subscribe().then(() => store.load());
    }
    entry.users += 1;
    // Most recently used last.
    this.#conversations.delete(id);
    this.#conversations.set(id, entry);
    return entry.store;
  }

  release(id: string): void {
    const entry = this.#conversations.get(id);
    if (!entry) return;
    entry.users -= 1;
    const unused = [...this.#conversations].filter(([, one]) => one.users === 0);
    const surplus = unused.slice(0, Math.max(0, unused.length - KEEP_UNUSED));
    for (const [old, one] of surplus) {
      one.store.close();
      this.#conversations.delete(old);
    }
    if (surplus.length > 0) void this.#subscribe();
  }

  #subscribe(): Promise<void> {
    this.#requests += 1;
    const request = this.#requests;
    const topics = ["user", ...[...this.#conversations.keys()].map((id) => `conv:${id}`)];
    return new Promise((resolve) => {
      this.#pending.set(request, resolve);
      this.#source?.send({ type: "topics", topics, request });
    });
  }

  #reload(): void {
    void this.#subscribe().then(() => {
      void this.list.load();
      for (const { store } of this.#conversations.values()) void store.load();
    });
    this.#listener.onReset();
  }

  /** What was written while nobody answered, in whichever conversation, goes out as soon as somebody does. */
  #sendWaiting(): void {
    void this.beginnings.resume();
    for (const id of outboxesToSend()) {
      const store = this.acquire(id);
      if (store.view.getState().phase === "ready") void store.resume();
      this.release(id);
    }
  }

  #receive(message: HubMessage): void {
    switch (message.type) {
      case "events":
        this.#deliver(message.events);
        break;
      case "state":
        this.connection.setState({ state: message.state });
        if (message.state.kind === "open") {
          this.#sendWaiting();
          tellAnswered();
        }
        break;
      case "subscribed":
        this.#pending.get(message.request)?.();
        this.#pending.delete(message.request);
        break;
      case "reset":
        this.#reload();
        break;
      case "restarted":
        this.connection.setState({ restartedAt: Date.now() });
        break;
    }
  }

  #deliver(events: GatewayEvent[]): void {
    this.list.receive(events);
    for (const { store } of this.#conversations.values()) store.receive(events);
    for (const { body } of events) {
      if (body.type === "sandbox.updated") this.#listener.onSandbox(body.sandbox);
      else if (body.type === "files.changed") this.#listener.onFiles(body.paths);
      else if (body.type === "git.changed") this.#listener.onGit(body.workspace, body.git);
      else if (body.type === "notice") this.#listener.onNotice(body.level, body.text);
    }
  }
}

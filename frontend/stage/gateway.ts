import { Buffer } from "node:buffer";
import { readFileSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join, normalize } from "node:path";
import { type WebSocket, WebSocketServer } from "ws";
import type { Conversation, ConversationSnapshot, EventBody, GatewayEvent } from "../src/api/types";
import recorded from "./recorded.json" with { type: "json" };

/** Where `npm run build` leaves the pages. */
const DIST = join(import.meta.dirname, "../dist");
const EPOCH = "stage";
const TYPES: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
  ".json": "application/json",
};

const NO_DRAFT = { text: "", edited_at: 0 };

/** What the model would be sent where nothing was said. */
export const NOTHING_NEXT = {
  fingerprint: "0",
  model: "scripted-demo",
  tokens: 0,
  window: null,
  summarises_first: false,
  tools_tokens: 0,
  files: [],
  total: 0,
  messages: [],
};

/** Parameters that say which of several recorded answers is meant. */
const TELLING = ["path"];

/**
 * Stands in for the gateway where the page itself is what is looked at: it serves the built UI, answers as a
 * real gateway did (`recorded.json` is what one said after the demo), and sends the events that it is given.
 */
export class Stage {
  /** What is answered, by path; set other answers before a page is opened. */
  readonly answers = new Map<string, unknown>(Object.entries(recorded));
  /** Paths that are answered with a problem of this status. */
  readonly refused = new Map<string, number>();
  /** Paths that are not answered at all: the connection is closed. */
  readonly unanswered = new Set<string>();
  /** Files of the build that are not answered. */
  lost: RegExp | null = null;
  /** Whether the page is one of another version by now. */
  renewed = false;
  /** Paths whose answer never comes. */
  readonly held = new Set<string>();
  /** What happens on a WebSocket, by path; others are refused. */
  readonly sockets = new Map<string, (socket: WebSocket) => void>();
  /** What was asked for that there is no answer to. */
  readonly unknown: string[] = [];
  #seq = 1_000;
  #log: GatewayEvent[] = [];
  readonly #streams = new Set<ServerResponse>();
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((request, response) => this.#answer(request, response));
    const sockets = new WebSocketServer({ noServer: true });
    this.#server.on("upgrade", (request, socket, head) => {
      const play = this.sockets.get(pathOf(request));
      if (play) sockets.handleUpgrade(request, socket, head, play);
      else socket.destroy();
    });
    this.answers.set("/instance", { ...recorded["/instance"], needs_setup: false });
    this.answers.set("/account/draft", NO_DRAFT);
    this.#fillIn("conv_demo");
  }

  /** Starts one on a free port. */
  static async start(): Promise<Stage> {
    const stage = new Stage();
    await new Promise<void>((resolve) => stage.#server.listen(0, "127.0.0.1", resolve));
    return stage;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async end(): Promise<void> {
    this.cut();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Puts a conversation on the list, and what it holds behind its address. */
  put(snapshot: Omit<ConversationSnapshot, "cursor">): void {
    const { conversation } = snapshot;
    this.answers.set(`/conversations/${conversation.id}`, { ...snapshot, cursor: this.#cursor() });
    const list = this.answers.get("/conversations") as { items: Conversation[] };
    const items = [conversation, ...list.items.filter(({ id }) => id !== conversation.id)];
    this.answers.set("/conversations", { items, cursor: this.#cursor() });
    this.#fillIn(conversation.id);
    for (const part of ["changes", "budget", "outline", "checkpoints"]) {
      const path = `/conversations/${conversation.id}/${part}`;
      const like = `/conversations/conv_demo/${part}`;
      if (!this.answers.has(path)) this.answers.set(path, this.answers.get(like) ?? { items: [] });
    }
  }

  /** What the page asks about each conversation beside what it holds. */
  #fillIn(id: string): void {
    const answers = {
      draft: NO_DRAFT,
      turns: [],
      context: NOTHING_NEXT,
      terminals: { items: [], limit: 8 },
      processes: { items: [] },
    };
    for (const [part, answer] of Object.entries(answers)) {
      const path = `/conversations/${id}/${part}`;
      if (!this.answers.has(path)) this.answers.set(path, answer);
    }
  }

  /** Tells every open page of something that has happened. */
  emit(body: EventBody, conversationId: string | null): void {
    this.#seq += 1;
    const event: GatewayEvent = { seq: this.#seq, conversation_id: conversationId, at: this.#seq, body };
    this.#log.push(event);
    for (const stream of this.#streams) send(stream, event);
  }

  /** Answers no event stream any more, as if it were away. */
  vanish(): void {
    this.refused.set("/events", 503);
    this.cut();
  }

  /** Cuts every event stream; pages come back and are told what they have missed. */
  cut(): void {
    for (const stream of this.#streams) stream.destroy();
    this.#streams.clear();
  }

  #cursor(): string {
    return `${EPOCH}-${this.#seq}`;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(request.url ?? "/", "http://stage");
    const path = pathOf(request);
    if (this.held.has(path)) return;
    if (this.unanswered.has(path) || this.lost?.test(pathname)) response.destroy();
    else if (this.renewed && pathname === "/") response.end("<!doctype html>another version");
    else if (!pathname.startsWith("/api/v1/")) file(pathname, response);
    else if (path === "/events" && !this.refused.has(path)) this.#stream(request, response);
    else this.#call(path, searchParams, request.method ?? "GET", response);
  }

  #call(path: string, search: URLSearchParams, method: string, response: ServerResponse): void {
    const status = this.refused.get(path);
    const telling = TELLING.filter((name) => search.has(name)).map((name) => `${name}=${search.get(name)}`);
    const found = this.answers.get([path, telling.join("&")].join("?")) ?? this.answers.get(path);
    if (status !== undefined) problem(response, status);
    else if (method !== "GET") json(response, 200, {});
    else if (found instanceof Buffer) response.writeHead(200, { "content-type": "image/png" }).end(found);
    else if (found !== undefined) json(response, 200, found);
    else {
      this.unknown.push([path, telling.join("&")].join("?"));
      problem(response, 404);
    }
  }

  #stream(request: IncomingMessage, response: ServerResponse): void {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(`event: hello\ndata: {"stream":"s${this.#seq}"}\n\n`);
    const last = Number(
      String(request.headers["last-event-id"] ?? "")
        .split("-")
        .at(-1),
    );
    if (last > 0) for (const event of this.#log) if (event.seq > last) send(response, event);
    this.#streams.add(response);
    request.on("close", () => this.#streams.delete(response));
  }
}

function send(stream: ServerResponse, event: GatewayEvent): void {
  stream.write(`id: ${EPOCH}-${event.seq}\ndata: ${JSON.stringify(event)}\n\n`);
}

/** What is asked for of the interface. */
const pathOf = (request: IncomingMessage) =>
  new URL(request.url ?? "/", "http://stage").pathname.slice("/api/v1".length);

function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify(body));
}

function problem(response: ServerResponse, status: number): void {
  const code = status === 401 ? "unauthorized" : status === 404 ? "not_found" : "internal";
  json(response, status, { code, status, title: "This could not be answered", hint: "Try again later." });
}

/** A file of the build; addresses of the app lead to its page. */
function file(pathname: string, response: ServerResponse): void {
  const wanted = normalize(pathname).replace(/^(\.\.[/\\])+/, "");
  const name = extname(wanted) === "" ? "/index.html" : wanted;
  try {
    const content = readFileSync(join(DIST, name));
    response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" });
    response.end(content);
  } catch {
    response.writeHead(404).end();
  }
}

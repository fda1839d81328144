import { toProblem } from "@/api/problem";
import { listTerminals, terminalSocket } from "@/api/terminals";
import type { Problem, Terminal } from "@/api/types";

/** Where the connection to a shell stands. */
export type ShellState =
  | { kind: "connecting" }
  | { kind: "connected" }
  | { kind: "reconnecting" }
  | { kind: "ended"; how: Exclude<Terminal["status"], "running"> | "gone"; exitCode: number | null }
  | { kind: "failed"; problem: Problem };

/** What happens on a shell's stream. */
export interface ShellEvents {
  onState: (state: ShellState) => void;
  /** Output in order, each byte once; `shown` is to be called when it has been dealt with. */
  onOutput: (bytes: Uint8Array, shown: () => void) => void;
  /** Everything before was forgotten; so many bytes are lost. */
  onLost: (bytes: number) => void;
  onShell: (shell: Terminal) => void;
}

type Notice =
  | { type: "attached"; terminal: Terminal; start: number; end: number }
  | { type: "changed"; terminal: Terminal };

/** The host sends at most 256 KiB that were not acknowledged. */
const ACK_EVERY = 128 * 1024;
/** Longest piece that is typed at once. */
const MAX_TYPED = 32 * 1024;
const OFFSET_BYTES = 8;
const RETRY_MS = [200, 500, 1_000, 2_000, 4_000, 8_000];

/** The stream of a shell, which goes on where it was after a lost connection, until it is closed. */
export class ShellStream {
  readonly #conversation: string;
  readonly #shell: string;
  readonly #events: ShellEvents;
  #socket: WebSocket | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;
  #attempts = 0;
  /** Offset of the next byte; null before the first. */
  #received: number | null = null;
  #taken = 0;
  #acknowledged = 0;
  /** Grows when output is lost: what was received before is not counted any more. */
  #epoch = 0;
  /** What comes before this offset was printed before the connection was there. */
  #repeatedUntil = 0;

  constructor(conversation: string, shell: string, events: ShellEvents) {
    this.#conversation = conversation;
    this.#shell = shell;
    this.#events = events;
    this.#connect("connecting");
  }

  /** Whether what is shown now is old, so that nobody waits for an answer to it. */
  get repeats(): boolean {
    return this.#taken < this.#repeatedUntil;
  }

  type(text: string): void {
    this.#typeBytes(new TextEncoder().encode(text));
  }

  /** Types bytes that are no text, one per character. */
  typeBinary(text: string): void {
    this.#typeBytes(Uint8Array.from(text, (character) => character.charCodeAt(0)));
  }

  resize(columns: number, rows: number): void {
    this.#send(JSON.stringify({ type: "resize", columns, rows }));
  }

  #shown(bytes: number, epoch: number): void {
    if (epoch !== this.#epoch) return;
    this.#taken += bytes;
    if (this.#taken - this.#acknowledged < ACK_EVERY && this.#taken !== this.#received) return;
    this.#acknowledged = this.#taken;
    this.#send(JSON.stringify({ type: "ack", offset: this.#taken }));
  }

  /** Tries again after a failure. */
  retry(): void {
    this.#attempts = 0;
    this.#connect("connecting");
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#socket?.close();
  }

  #typeBytes(bytes: Uint8Array<ArrayBuffer>): void {
    for (let from = 0; from < bytes.length; from += MAX_TYPED)
      this.#send(bytes.slice(from, from + MAX_TYPED));
  }

  #send(message: string | Uint8Array<ArrayBuffer>): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(message);
  }

  #connect(kind: "connecting" | "reconnecting"): void {
    this.#events.onState({ kind });
    const socket = new WebSocket(terminalSocket(this.#conversation, this.#shell, this.#received));
    socket.binaryType = "arraybuffer";
    socket.onmessage = ({ data }) => {
      if (this.#closed) return;
      if (typeof data === "string") this.#hear(JSON.parse(data) as Notice);
      else this.#output(data as ArrayBuffer);
    };
    socket.onclose = () => {
      if (this.#socket !== socket || this.#closed) return;
      this.#socket = null;
      void this.#lost();
    };
    this.#socket = socket;
  }

  #hear(notice: Notice): void {
    this.#events.onShell(notice.terminal);
    const { status, exit_code } = notice.terminal;
    if (notice.type === "attached") {
      this.#attempts = 0;
      if (this.#received !== null && notice.start > this.#received) {
        this.#epoch += 1;
        this.#events.onLost(notice.start - this.#received);
      }
      // What was received and is still being shown counts as shown: the new connection begins behind it.
      if (notice.start !== this.#received) this.#taken = notice.start;
      this.#received = notice.start;
      this.#acknowledged = notice.start;
      this.#repeatedUntil = notice.end;
      if (status === "running") this.#events.onState({ kind: "connected" });
    } else if (status !== "running") {
      this.#socket = null;
      this.#events.onState({ kind: "ended", how: status, exitCode: exit_code ?? null });
    }
  }

  #output(message: ArrayBuffer): void {
    const offset = Number(new DataView(message).getBigUint64(0));
    // Cannot be: the host sends every byte once and in order. Showing something else would be worse than starting anew.
    if (offset !== this.#received) {
      this.#socket?.close();
      return;
    }
    const bytes = new Uint8Array(message, OFFSET_BYTES);
    this.#received += bytes.length;
    const epoch = this.#epoch;
    this.#events.onOutput(bytes, () => this.#shown(bytes.length, epoch));
  }

  /** A WebSocket that is refused does not tell why, so the list is asked. */
  async #lost(): Promise<void> {
    this.#events.onState({ kind: "reconnecting" });
    try {
      const { items } = await listTerminals(this.#conversation);
      if (this.#closed) return;
      const shell = items.find(({ id }) => id === this.#shell);
      if (!shell) return this.#events.onState({ kind: "ended", how: "gone", exitCode: null });
    } catch (error) {
      if (this.#closed) return;
      const problem = toProblem(error);
      const waits = problem.status === 0 || problem.status >= 500;
      if (!waits || this.#attempts >= RETRY_MS.length)
        return this.#events.onState({ kind: "failed", problem });
    }
    const wait = RETRY_MS[Math.min(this.#attempts, RETRY_MS.length - 1)];
    this.#attempts += 1;
    this.#timer = setTimeout(() => this.#connect("reconnecting"), wait);
  }
}

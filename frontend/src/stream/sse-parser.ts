/** One dispatched server-sent event. */
export interface SseFrame {
  /** Last seen `id:` field; empty when none was ever sent. */
  id: string;
  /** The `event:` field, `message` when absent. */
  event: string;
  data: string;
}

/**
 * Reads server-sent events from bytes that may be split anywhere, inside a character or between the CR
 * and the LF of one line end. `push` gives the events that the new bytes completed.
 */
export class SseParser {
  readonly #decoder = new TextDecoder();
  #rest = "";
  #lastId = "";
  #event = "";
  #data: string[] = [];

  push(bytes: Uint8Array): SseFrame[] {
    this.#rest += this.#decoder.decode(bytes, { stream: true });
    const frames: SseFrame[] = [];
    let start = 0;
    for (;;) {
      const end = lineEnd(this.#rest, start);
      if (end === null) break;
      const frame = this.#line(this.#rest.slice(start, end.at));
      if (frame) frames.push(frame);
      start = end.next;
    }
    this.#rest = this.#rest.slice(start);
    return frames;
  }

  #line(line: string): SseFrame | null {
    if (line === "") return this.#dispatch();
    const colon = line.indexOf(":");
    if (colon === 0) return null;
    const name = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (name === "data") this.#data.push(value);
    else if (name === "event") this.#event = value;
    else if (name === "id" && !value.includes("\0")) this.#lastId = value;
    return null;
  }

  #dispatch(): SseFrame | null {
    const frame = { id: this.#lastId, event: this.#event || "message", data: this.#data.join("\n") };
    const empty = this.#data.length === 0;
    this.#event = "";
    this.#data = [];
    return empty ? null : frame;
  }
}

/** Where the line that begins at `start` ends, or null when that cannot be told yet. */
function lineEnd(text: string, start: number): { at: number; next: number } | null {
  for (let at = start; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 10) return { at, next: at + 1 };
    if (code !== 13) continue;
    // A CR at the very end may be the first half of a CR LF.
    if (at + 1 === text.length) return null;
    return { at, next: text.charCodeAt(at + 1) === 10 ? at + 2 : at + 1 };
  }
  return null;
}

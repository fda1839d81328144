/** What the tabs of a browser say to each other to agree on which of them leads. */
export type ElectionMessage =
  /** Whoever leads, say so; where nobody does, this one would. */
  | { type: "seek"; from: string }
  | { type: "lead"; from: string }
  /** Whether `to` still leads. */
  | { type: "ping"; from: string; to: string }
  /** `from` does not lead, or no longer. */
  | { type: "resign"; from: string };

/** The tab in which an election takes place. */
export interface ElectionHost {
  readonly id: string;
  post(message: ElectionMessage): void;
  /** Runs something later; the answer calls it off. */
  after(ms: number, run: () => void): () => void;
  onLead(): void;
  onFollow(leader: string): void;
  /** There is no leader for the moment. */
  onLost(): void;
}

/** How long a leader has to answer one who seeks. */
export const SEEK_MS = 200;
/** How long one who seeks gives way to another. */
const YIELD_MS = 3 * SEEK_MS;
/** How often a leader is asked whether it is there, and how often it may fail to answer. */
const PING_MS = 2_000;
const MISSES = 2;

type Role =
  | { kind: "away" }
  | { kind: "seeking" }
  | { kind: "leading" }
  | { kind: "following"; leader: string; missed: number };

/**
 * Has exactly one tab lead, by messages alone: Web Locks do not exist on plain-HTTP addresses. Followers ask the leader
 * rather than wait for a sign of life, because browsers slow the timers of hidden tabs down, but not their answers.
 * Where two lead for a moment, the one with the smaller id stays.
 */
export class Election {
  readonly #host: ElectionHost;
  #role: Role = { kind: "away" };
  #cancel = () => {};

  constructor(host: ElectionHost) {
    this.#host = host;
  }

  get leads(): boolean {
    return this.#role.kind === "leading";
  }

  /** Who leads, as far as this tab knows. */
  get leader(): string | null {
    if (this.#role.kind === "leading") return this.#host.id;
    return this.#role.kind === "following" ? this.#role.leader : null;
  }

  /** Takes part; nothing if it does already. */
  join(): void {
    if (this.#role.kind === "away") this.#seek(SEEK_MS);
  }

  /** Takes no part any more: the page goes away. */
  leave(): void {
    const { leads } = this;
    this.#become({ kind: "away" });
    if (leads) this.#host.post({ type: "resign", from: this.#host.id });
  }

  receive(message: ElectionMessage): void {
    const { id } = this.#host;
    if (this.#role.kind === "away" || message.from === id) return;
    switch (message.type) {
      case "seek":
        this.#sought(message.from);
        break;
      case "lead":
        this.#led(message.from);
        break;
      case "ping":
        if (message.to === id) this.#host.post({ type: this.leads ? "lead" : "resign", from: id });
        break;
      case "resign":
        if (this.#role.kind === "following" && this.#role.leader === message.from) this.#lose();
        break;
    }
  }

  #sought(by: string): void {
    const { id } = this.#host;
    if (this.leads) this.#host.post({ type: "lead", from: id });
    else if (this.#role.kind !== "seeking") return;
    else if (by < id) this.#wait(YIELD_MS);
    else this.#host.post({ type: "seek", from: id });
  }

  #led(by: string): void {
    const { id } = this.#host;
    const role = this.#role;
    if (role.kind === "following" && role.leader === by) {
      role.missed = 0;
    } else if (role.kind === "leading" && id < by) {
      this.#host.post({ type: "lead", from: id });
    } else {
      this.#become({ kind: "following", leader: by, missed: 0 });
      this.#host.onFollow(by);
      this.#watch();
    }
  }

  #seek(ms: number): void {
    this.#become({ kind: "seeking" });
    this.#host.post({ type: "seek", from: this.#host.id });
    this.#wait(ms);
  }

  #wait(ms: number): void {
    this.#cancel();
    this.#cancel = this.#host.after(ms, () => {
      this.#become({ kind: "leading" });
      this.#host.post({ type: "lead", from: this.#host.id });
      this.#host.onLead();
    });
  }

  #watch(): void {
    this.#cancel();
    this.#cancel = this.#host.after(PING_MS, () => {
      const role = this.#role;
      if (role.kind !== "following") return;
      if (role.missed >= MISSES) return this.#lose();
      role.missed += 1;
      this.#host.post({ type: "ping", from: this.#host.id, to: role.leader });
      this.#watch();
    });
  }

  #lose(): void {
    this.#host.onLost();
    this.#seek(SEEK_MS);
  }

  #become(role: Role): void {
    this.#cancel();
    this.#cancel = () => {};
    this.#role = role;
  }
}

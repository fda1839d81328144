/** A flush that took longer than this is followed by one skipped frame, so that input stays smooth. */
const SLOW_FLUSH_MS = 8;
/** Hidden tabs get no animation frames; they are brought up to date at this pace instead. */
const HIDDEN_MS = 500;

/** Collects items and hands them over together, at most once per animation frame. */
export class FrameBuffer<Item> {
  readonly #flush: (items: Item[]) => void;
  #items: Item[] = [];
  #scheduled = false;
  #skip = false;

  constructor(flush: (items: Item[]) => void) {
    this.#flush = flush;
  }

  push(items: readonly Item[]): void {
    for (const item of items) this.#items.push(item);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    if (document.hidden) setTimeout(() => this.#run(), HIDDEN_MS);
    else requestAnimationFrame(() => this.#run());
  }

  #run(): void {
    this.#scheduled = false;
    if (this.#skip) {
      this.#skip = false;
      this.#schedule();
      return;
    }
    const items = this.#items;
    this.#items = [];
    const start = performance.now();
    this.#flush(items);
    this.#skip = performance.now() - start > SLOW_FLUSH_MS;
  }
}

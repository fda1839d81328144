import { type Block, blocksOf } from "./blocks";

/** A text cut into blocks that will not change any more, and the rest, which may. */
export interface Split {
  frozen: readonly Block[];
  tail: readonly Block[];
}

/**
 * Cuts a growing Markdown text into blocks. Only what is not frozen yet is read again, so that the cost
 * of a long message does not grow with its length.
 */
export class BlockSplitter {
  #text = "";
  #frozen: readonly Block[] = [];
  #frozenLength = 0;

  /** The blocks of `text`, which should begin with the text of the last call. */
  update(text: string): Split {
    const clean = text.includes("\r") ? text.replaceAll("\r\n", "\n").replaceAll("\r", "\n") : text;
    if (!clean.startsWith(this.#text)) this.#restart();
    this.#text = clean;
    this.#freeze();
    return { frozen: this.#frozen, tail: blocksOf(clean.slice(this.#frozenLength)) };
  }

  #restart(): void {
    this.#frozen = [];
    this.#frozenLength = 0;
  }

  /** Freezes what no further text can change: all complete blocks but the last of the complete lines. */
  #freeze(): void {
    const lines = this.#text.slice(this.#frozenLength, this.#text.lastIndexOf("\n") + 1);
    const blocks = blocksOf(lines);
    const settled = blocks.slice(0, -1);
    if (settled.length === 0) return;
    this.#frozen = [...this.#frozen, ...settled];
    this.#frozenLength += settled.reduce((length, block) => length + block.raw.length, 0);
  }
}

/** Whether blocks of the text refer to each other (link definitions, footnotes), so that it must be read as a whole. */
export function hasReferences(text: string): boolean {
  return /^ {0,3}\[[^\]\n]+\]:\s/m.test(text);
}

import { Lexer, type Token } from "marked";

/** A top-level block of a Markdown text, as written. */
export interface Block {
  raw: string;
  /** A fenced or indented code block, which needs no Markdown parser. */
  code?: { language: string; text: string; closed: boolean };
}

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

/** The top-level blocks of a whole text; blank lines belong to the block before them. */
export function blocksOf(text: string): Block[] {
  const blocks: Block[] = [];
  for (const token of new Lexer({ gfm: true }).blockTokens(text, [])) {
    const last = blocks.at(-1);
    if (token.type === "space" && last) last.raw += token.raw;
    else blocks.push(toBlock(token));
  }
  return blocks;
}

function toBlock(token: Token): Block {
  if (token.type !== "code") return { raw: token.raw };
  const fence = /^ {0,3}(`{3,}|~{3,})/.exec(token.raw)?.[1];
  const closed = fence === undefined || new RegExp(`\\n {0,3}${fence}\\s*$`).test(token.raw);
  const language = String(token.lang ?? "").split(/\s/)[0] ?? "";
  return { raw: token.raw, code: { language, text: String(token.text), closed } };
}

/** Whether blocks of the text refer to each other (link definitions, footnotes), so that it must be read as a whole. */
export function hasReferences(text: string): boolean {
  return /^ {0,3}\[[^\]\n]+\]:\s/m.test(text);
}

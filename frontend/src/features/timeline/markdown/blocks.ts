import { type CodeInfo, codeInfo } from "./code-info";

/** A part of a Markdown text that reads the same alone: one or more top-level blocks, as written. */
export interface Block {
  raw: string;
  /** A fenced code block, which needs no Markdown parser. */
  code?: CodeInfo & { text: string; closed: boolean };
}

/** A line that begins a code block. */
const FENCE = /^( {0,3})(`{3,}(?!.*`)|~{3,})(.*)$/;
/** A line that begins a list item: everything up to its marker, what is between that and its text, and its text. */
const ITEM = /^( {0,3}(?:[-+*]|\d{1,9}[.)]))(?:([ \t]+)(.*)|$)/;
/** A line across, or one under a heading. */
const RULE = /^ {0,3}([-*_])[ \t]*(\1[ \t]*){2,}$/;
/** HTML that may have blank lines in it, and what ends it. */
const HTML: readonly [RegExp, RegExp][] = [
  [/^ {0,3}<(script|pre|style|textarea)(\s|>|$)/i, /<\/(script|pre|style|textarea)>/i],
  [/^ {0,3}<!--/, /-->/],
  [/^ {0,3}<\?/, /\?>/],
  [/^ {0,3}<!\[CDATA\[/, /\]\]>/],
  [/^ {0,3}<![a-z]/i, />/],
];

/**
 * Cuts a whole text where neither side changes what the other one means; blank lines belong to the block before
 * them. It looks at the beginnings of lines only, at a hundredth of what parsing costs, and rather leaves two
 * blocks together than cut one apart.
 */
export function blocksOf(text: string): Block[] {
  const cutter = new Cutter();
  for (const line of text.match(/[^\n]*\n|[^\n]+$/g) ?? []) cutter.take(line);
  return cutter.finish();
}

/** A fenced code block. */
interface Fence {
  mark: string;
  info: CodeInfo;
  body: string;
  isOpen: boolean;
  /** Whether the block is nothing but this, not indented. */
  isWhole: boolean;
}

class Cutter {
  readonly #blocks: Block[] = [];
  /** The lines of the block that has begun. */
  #raw = "";
  #afterBlank = false;
  /** Where the text of the list's newest outermost item begins, in columns; 0 outside lists. */
  #itemColumn = 0;
  /** Whether that item has no text yet. */
  #isItemEmpty = false;
  /** Whether a line came of which it depends on more than its beginning if the list goes on. */
  #isListUncertain = false;
  /** What ends the HTML that is open. */
  #htmlEnd: RegExp | undefined;
  #hasHtml = false;
  #fence: Fence | undefined;
  /** Whether the rest is one block, because it is uncertain what it is. */
  #isStuck = false;

  take(line: string): void {
    const plain = line.replace(/\n$/, "");
    if (this.#isStuck) this.#raw += line;
    else if (this.#fence?.isOpen) this.#takeCode(this.#fence, line, plain);
    else if (plain.trim() === "") this.#takeBlank(line);
    else this.#takeText(line, plain);
  }

  finish(): Block[] {
    this.#cut();
    return this.#blocks;
  }

  #takeCode(fence: Fence, line: string, plain: string): void {
    this.#raw += line;
    if (new RegExp(`^ {0,3}${fence.mark}${fence.mark[0]}*[ \\t]*$`).test(plain)) fence.isOpen = false;
    else fence.body += line;
  }

  #takeBlank(line: string): void {
    this.#raw += line;
    if (this.#htmlEnd === undefined) this.#afterBlank = true;
    // Nothing can be in an item that begins with two blank lines.
    if (this.#isItemEmpty) this.#itemColumn = Number.POSITIVE_INFINITY;
  }

  #takeText(line: string, plain: string): void {
    const [, indent = "", mark = "", info = ""] = FENCE.exec(plain) ?? [];
    const item = RULE.test(plain) ? null : ITEM.exec(plain);
    const isFence = mark !== "" && this.#htmlEnd === undefined;
    if (this.#mayCutBefore(plain, isFence, item !== null)) this.#cut();
    // It may be part of the HTML, or end it.
    if (isFence && this.#hasHtml && !this.#afterBlank) this.#isStuck = true;
    const isNested = this.#itemColumn > 0 && columnOf(plain) >= this.#itemColumn;
    if (isNested) {
      if (this.#isListUncertain && (isFence || isHtml(plain))) this.#isStuck = true;
    } else {
      this.#followList(plain, item);
      if (isFence) this.#openFence(indent, mark, info);
      else this.#followHtml(plain);
    }
    this.#isItemEmpty &&= item !== null;
    this.#raw += line;
    this.#afterBlank = false;
  }

  #mayCutBefore(plain: string, isFence: boolean, isItem: boolean): boolean {
    if (this.#raw === "" || this.#htmlEnd !== undefined) return false;
    if (this.#fence?.isWhole) return true;
    if (/^[ \t]/.test(plain)) return false;
    // The parser takes no list for one that comes behind indented code.
    if (this.#afterBlank) return !(isItem && (this.#itemColumn > 0 || /^( {4}| {0,3}\t)/m.test(this.#raw)));
    return isFence && !this.#hasHtml;
  }

  #followList(plain: string, item: RegExpExecArray | null): void {
    if (item) {
      const [, marker = "", gap = "", text = ""] = item;
      // Text that is indented further is code in the item, which begins one column behind the marker.
      const isUsual = text !== "" && gap.length <= 4;
      this.#itemColumn = marker.length + (isUsual ? gap.length : 1);
      this.#isItemEmpty = text === "";
      // It may be an item, or the line under a heading.
      if (this.#isItemEmpty && this.#raw !== "" && !this.#afterBlank) this.#isStuck = true;
      this.#isListUncertain = false;
    } else if (
      this.#afterBlank ||
      FENCE.test(plain) ||
      /^ {0,3}#{1,6}(\s|$)/.test(plain) ||
      RULE.test(plain)
    ) {
      this.#itemColumn = 0;
    } else {
      this.#isListUncertain = true;
    }
  }

  #openFence(indent: string, mark: string, info: string): void {
    const isWhole = this.#raw === "" && indent === "";
    this.#fence = { mark, info: codeInfo(info), body: "", isOpen: true, isWhole };
  }

  #followHtml(plain: string): void {
    if (this.#htmlEnd?.test(plain)) this.#htmlEnd = undefined;
    else if (this.#htmlEnd === undefined && isHtml(plain)) {
      this.#hasHtml = true;
      const [, end] = HTML.find(([begin]) => begin.test(plain)) ?? [];
      if (end && !end.test(plain)) this.#htmlEnd = end;
    }
  }

  #cut(): void {
    if (this.#raw !== "") this.#blocks.push(toBlock(this.#raw, this.#fence));
    this.#raw = "";
    this.#afterBlank = false;
    this.#itemColumn = 0;
    this.#isItemEmpty = false;
    this.#isListUncertain = false;
    this.#htmlEnd = undefined;
    this.#hasHtml = false;
    this.#fence = undefined;
  }
}

function toBlock(raw: string, fence: Fence | undefined): Block {
  if (!fence?.isWhole) return { raw };
  const { info, body, isOpen } = fence;
  return { raw, code: { ...info, text: body.replace(/\n$/, ""), closed: !isOpen } };
}

function isHtml(line: string): boolean {
  return /^ {0,3}</.test(line);
}

/** The column of the first character that is no space. */
function columnOf(line: string): number {
  return line.length - line.trimStart().length;
}

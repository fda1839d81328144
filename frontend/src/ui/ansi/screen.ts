import { withoutDirections } from "../directions";
import { type AnsiStyle, applySgr, PLAIN } from "./style";

/** A stretch of one line in one look. */
export interface AnsiSpan {
  text: string;
  style: AnsiStyle;
}

interface Cell {
  character: string;
  style: AnsiStyle;
}

/** CSI, OSC (ended by BEL or ST), other string sequences, and two-character escapes. */
const SEQUENCE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminal output consists of them
  /\x1b(?:\[([0-9:;<=>?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\|$)|[PX^_][^\x1b]*(?:\x1b\\|$)|[ -/]*[0-~]|\[[0-9:;<=>?]*[ -/]*$|$)/y;

/** Columns that the cursor can be sent to beyond the end of a line: a hostile jump must not fill memory. */
const MAX_JUMP = 512;

/**
 * Terminal output as lines of styled text. Knows colours, carriage return, backspace, tab and erasing in
 * the line; everything else that a terminal could be told is dropped, nothing of it reaches the page.
 */
export function parseAnsi(text: string): AnsiSpan[][] {
  const screen = new Screen();
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (character !== "\x1b") {
      screen.write(character);
      at += character.length;
      continue;
    }
    SEQUENCE.lastIndex = at;
    const found = SEQUENCE.exec(text);
    if (found?.[2]) screen.control(found[2], numbers(found[1]));
    at += found?.[0].length || 1;
  }
  return screen.finish();
}

/** The line that is being written, and those before it. */
class Screen {
  readonly #lines: AnsiSpan[][] = [];
  #cells: Cell[] = [];
  #column = 0;
  #style = PLAIN;

  write(character: string): void {
    if (character === "\n") this.#endLine();
    else if (character === "\r") this.#column = 0;
    else if (character === "\b") this.#moveTo(this.#column - 1);
    else if (character === "\t") this.#moveTo((Math.floor(this.#column / 8) + 1) * 8);
    else if (isPrintable(character)) this.#put(character);
  }

  /** A control sequence by its final character. */
  control(name: string, given: readonly number[]): void {
    const [first = 0] = given;
    if (name === "m") this.#style = applySgr(this.#style, given);
    else if (name === "K") this.#cells = erase(this.#cells, this.#column, first);
    else if (name === "C") this.#moveTo(this.#column + (first || 1));
    else if (name === "D") this.#moveTo(this.#column - (first || 1));
    else if (name === "G") this.#moveTo((first || 1) - 1);
  }

  finish(): AnsiSpan[][] {
    this.#endLine();
    return this.#lines;
  }

  #put(character: string): void {
    while (this.#cells.length < this.#column) this.#cells.push({ character: " ", style: PLAIN });
    this.#cells[this.#column] = { character, style: this.#style };
    this.#column += 1;
  }

  #moveTo(column: number): void {
    this.#column = Math.max(0, Math.min(column, Math.max(this.#cells.length, MAX_JUMP)));
  }

  #endLine(): void {
    this.#lines.push(spansOf(this.#cells));
    this.#cells = [];
    this.#column = 0;
  }
}

function numbers(text: string | undefined): number[] {
  return (text ?? "").split(/[;:]/).map((part) => Number.parseInt(part, 10) || 0);
}

function erase(cells: Cell[], column: number, mode: number): Cell[] {
  if (mode === 2) return [];
  if (mode === 0) return cells.slice(0, column);
  return cells.map((cell, index) => (index <= column ? { character: " ", style: PLAIN } : cell));
}

function isPrintable(character: string): boolean {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return false;
  return code < 0x61c || withoutDirections(character) !== "";
}

function spansOf(cells: readonly Cell[]): AnsiSpan[] {
  const spans: AnsiSpan[] = [];
  for (const { character, style } of cells) {
    const last = spans.at(-1);
    if (last && last.style === style) last.text += character;
    else spans.push({ text: character, style });
  }
  return spans;
}

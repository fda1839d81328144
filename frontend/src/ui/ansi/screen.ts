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

/**
 * Terminal output as lines of styled text. Knows colours, carriage return, backspace, tab and erasing in
 * the line; everything else that a terminal could be told is dropped, nothing of it reaches the page.
 */
export function parseAnsi(text: string): AnsiSpan[][] {
  const lines: AnsiSpan[][] = [];
  let cells: Cell[] = [];
  let column = 0;
  let style = PLAIN;
  const put = (character: string) => {
    while (cells.length < column) cells.push({ character: " ", style: PLAIN });
    cells[column] = { character, style };
    column += 1;
  };
  for (let at = 0; at < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    if (character === "\x1b") {
      SEQUENCE.lastIndex = at;
      const found = SEQUENCE.exec(text);
      if (found?.[2] === "m") style = applySgr(style, numbers(found[1]));
      else if (found?.[2] === "K") cells = erase(cells, column, numbers(found[1])[0] ?? 0);
      else if (found?.[2] === "C") column += numbers(found[1])[0] || 1;
      else if (found?.[2] === "G") column = (numbers(found[1])[0] || 1) - 1;
      else if (found?.[2] === "D") column = Math.max(0, column - (numbers(found[1])[0] || 1));
      at += found?.[0].length || 1;
      continue;
    }
    if (character === "\n") {
      lines.push(spansOf(cells));
      cells = [];
      column = 0;
    } else if (character === "\r") column = 0;
    else if (character === "\b") column = Math.max(0, column - 1);
    else if (character === "\t") for (const end = (Math.floor(column / 8) + 1) * 8; column < end; ) put(" ");
    else if (isPrintable(character)) put(character);
    at += character.length;
    // A hostile jump to the right must not fill memory with blanks.
    column = Math.min(column, MAX_COLUMN);
  }
  lines.push(spansOf(cells));
  return lines;
}

const MAX_COLUMN = 20_000;

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
  return code >= 0x20 && code !== 0x7f && !(code >= 0x80 && code < 0xa0);
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

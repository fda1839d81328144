/** Marks that change the direction of the text behind them, so that it reads as something else than it is. */
const MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** The text without marks that change its direction. Letters of every script keep their own direction. */
export function withoutDirections(text: string): string {
  return text.replace(MARKS, "");
}

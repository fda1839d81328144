/** Points for a letter at the start of a word, and for one right behind the last. */
const WORD_START = 8;
const ADJACENT = 5;

/**
 * How well `text` fits what somebody has typed: null when its letters do not occur in this order, else more
 * for letters at the starts of words and in a row, less for long texts.
 */
export function rank(query: string, text: string): number | null {
  const wanted = [...query.toLowerCase()].filter((letter) => letter.trim() !== "");
  const letters = [...text.toLowerCase()];
  // Going for the starts of words can pass by letters that are needed later.
  return points(wanted, letters, true) ?? points(wanted, letters, false);
}

function points(wanted: readonly string[], letters: readonly string[], byWords: boolean): number | null {
  let sum = 0;
  let at = -1;
  for (const letter of wanted) {
    const adjacent = letters[at + 1] === letter;
    const start = letters.findIndex(
      (one, index) => index > at && one === letter && startsWord(letters, index),
    );
    const next = adjacent ? at + 1 : byWords && start >= 0 ? start : letters.indexOf(letter, at + 1);
    if (next < 0) return null;
    sum += (adjacent ? ADJACENT : 0) + (startsWord(letters, next) ? WORD_START : 0);
    at = next;
  }
  return sum - letters.length / 100;
}

function startsWord(letters: readonly string[], index: number): boolean {
  return index === 0 || !/[\p{L}\p{N}]/u.test(letters[index - 1] ?? " ");
}

/** The items that fit, best first; all in their order while nothing is typed. */
export function ranked<Item>(query: string, items: readonly Item[], textOf: (item: Item) => string): Item[] {
  if (query.trim() === "") return [...items];
  return items
    .flatMap((item) => {
      const fit = rank(query, textOf(item));
      return fit === null ? [] : [{ item, fit }];
    })
    .sort((a, b) => b.fit - a.fit)
    .map(({ item }) => item);
}

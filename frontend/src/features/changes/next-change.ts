/** A change whose top is this close to the top of the pane is the one that is looked at. */
const NEAR_PX = 48;

/**
 * The change to go to, of changes whose `tops` are told from the top of the pane: the one after or before the focused
 * one, else after or before the place that is looked at; null where there is no other.
 */
export function nextIndex(tops: readonly number[], focused: number, step: 1 | -1): number | null {
  if (focused >= 0) return tops[focused + step] === undefined ? null : focused + step;
  const found = step === 1 ? tops.findIndex((top) => top > NEAR_PX) : tops.findLastIndex((top) => top < 0);
  return found < 0 ? null : found;
}

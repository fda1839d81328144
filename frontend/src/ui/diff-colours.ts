import type { TokenLine } from "./highlight/tokens";
import { useHighlight } from "./highlight/use-highlight";

/** Which side of a comparison a line is on. */
export type Side = "before" | "after" | "both";

/**
 * Colours for the lines of a comparison, in their order; null for lines whose colours are not known (yet). Each
 * side is read as a text of its own, so that what was removed does not confuse what was added.
 */
export function useDiffColours(
  path: string,
  lines: readonly { text: string; side: Side }[],
): (TokenLine | null)[] {
  const textOf = (other: Side) =>
    lines
      .filter(({ side }) => side !== other)
      .map(({ text }) => text)
      .join("\n");
  const before = useHighlight(textOf("after"), { path });
  const after = useHighlight(textOf("before"), { path });
  let [old, now] = [0, 0];
  return lines.map(({ side }) => {
    const tokens = side === "before" ? before?.[old] : after?.[now];
    if (side !== "after") old += 1;
    if (side !== "before") now += 1;
    return tokens ?? null;
  });
}

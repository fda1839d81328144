/** Names of the highlights that `styles/find.css` colours. */
const ALL = "find";
const CURRENT = "find-current";

/** Where a text occurs in what an element shows, in any case; over the borders of elements too. */
export function matchesIn(root: Node, text: string): Range[] {
  const wanted = text.toLowerCase();
  if (wanted === "") return [];
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const nodes: { node: Text; start: number }[] = [];
  let whole = "";
  while (walker.nextNode()) {
    const node = walker.currentNode as Text;
    nodes.push({ node, start: whole.length });
    whole += lowered(node.data);
  }
  const ranges: Range[] = [];
  for (let at = whole.indexOf(wanted); at >= 0; at = whole.indexOf(wanted, at + wanted.length)) {
    const [from, to] = [placeOf(nodes, at), placeOf(nodes, at + wanted.length - 1)];
    if (!from || !to) continue;
    const range = document.createRange();
    range.setStart(from.node, from.offset);
    range.setEnd(to.node, to.offset + 1);
    ranges.push(range);
  }
  return ranges;
}

/** Colours matches, the one that somebody is at in another way; nothing where the browser cannot. */
export function colour(all: readonly Range[], current: Range | undefined): void {
  if (typeof Highlight === "undefined" || !("highlights" in CSS)) return;
  CSS.highlights.set(ALL, new Highlight(...all));
  CSS.highlights.set(CURRENT, new Highlight(...(current ? [current] : [])));
}

/** Takes the colours away. */
export function uncolour(): void {
  if (!("highlights" in CSS)) return;
  CSS.highlights.delete(ALL);
  CSS.highlights.delete(CURRENT);
}

/** In small letters, letter by letter, so that every place stays where it is. */
function lowered(text: string): string {
  const small = text.toLowerCase();
  return small.length === text.length ? small : text;
}

function placeOf(nodes: readonly { node: Text; start: number }[], at: number) {
  const found = nodes.findLast(({ start }) => start <= at);
  return found && { node: found.node, offset: at - found.start };
}

import type { Definition, FootnoteDefinition, Nodes, Root } from "mdast";

/** What parts of a text refer to. */
export interface References {
  links: ReadonlyMap<string, Definition>;
  /** Notes that something refers to, in the order of the first reference. */
  notes: readonly FootnoteDefinition[];
}

/** Collects link definitions and footnotes; of several with one name the first counts. */
export function referencesOf(root: Root): References {
  const links = new Map<string, Definition>();
  const defined = new Map<string, FootnoteDefinition>();
  const notes = new Set<FootnoteDefinition>();
  const wanted: string[] = [];
  walk(root, (node) => {
    if (node.type === "definition" && !links.has(node.identifier)) links.set(node.identifier, node);
    if (node.type === "footnoteDefinition" && !defined.has(node.identifier)) {
      defined.set(node.identifier, node);
    }
    if (node.type === "footnoteReference") wanted.push(node.identifier);
  });
  for (const name of wanted) {
    const note = defined.get(name);
    if (note) notes.add(note);
  }
  return { links, notes: [...notes] };
}

function walk(node: Nodes, visit: (node: Nodes) => void): void {
  visit(node);
  if ("children" in node) for (const child of node.children) walk(child, visit);
}

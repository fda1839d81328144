import type { Root } from "mdast";
import { fromMarkdown, type Options } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

/** What can be read besides the usual. */
export interface Syntax {
  syntax: NonNullable<Options["extensions"]>;
  tree: NonNullable<Options["mdastExtensions"]>;
}

const USUAL: Syntax = { syntax: [gfm()], tree: [gfmFromMarkdown()] };

/** A Markdown text as a tree, with tables, task lists, struck text, bare links and footnotes. */
export function parse(text: string, more?: Syntax | null): Root {
  return fromMarkdown(text, {
    extensions: [...USUAL.syntax, ...(more?.syntax ?? [])],
    mdastExtensions: [...USUAL.tree, ...(more?.tree ?? [])],
  });
}

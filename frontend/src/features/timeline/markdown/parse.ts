import type { Root } from "mdast";
import { fromMarkdown } from "mdast-util-from-markdown";
import { gfmFromMarkdown } from "mdast-util-gfm";
import { gfm } from "micromark-extension-gfm";

const SYNTAX = [gfm()];
const TREE = [gfmFromMarkdown()];

/** A Markdown text as a tree, with tables, task lists, struck text, bare links and footnotes. */
export function parse(text: string): Root {
  return fromMarkdown(text, { extensions: SYNTAX, mdastExtensions: TREE });
}

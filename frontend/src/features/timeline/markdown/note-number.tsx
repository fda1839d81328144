import type { FootnoteReference } from "mdast";
import { t } from "@/i18n";
import type { Scope } from "./scope";

/** The number of a footnote, which leads to it. */
export function NoteNumber({ node, scope }: { node: FootnoteReference; scope: Scope }) {
  const number = scope.references.notes.findIndex((note) => note.identifier === node.identifier) + 1;
  if (number === 0) return `[^${node.label ?? node.identifier}]`;
  return (
    <sup>
      <a href={`#${scope.id}note-${number}`} aria-label={t("timeline.footnote", { number })}>
        {number}
      </a>
    </sup>
  );
}

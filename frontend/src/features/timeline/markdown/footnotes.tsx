import { t } from "@/i18n";
import { Content } from "./content";
import type { Scope } from "./scope";

/** The notes that a text refers to. */
export function Footnotes({ scope }: { scope: Scope }) {
  const { notes } = scope.references;
  if (notes.length === 0) return null;
  return (
    <section aria-label={t("timeline.footnotes")}>
      <ol>
        {notes.map((note, index) => (
          <li key={note.identifier} id={`${scope.id}note-${index + 1}`}>
            <Content nodes={note.children} scope={scope} />
          </li>
        ))}
      </ol>
    </section>
  );
}

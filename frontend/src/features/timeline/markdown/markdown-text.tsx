import { memo, useId } from "react";
import { Content } from "./content";
import { Footnotes } from "./footnotes";
import { useMath, withDollars } from "./math";
import { parse } from "./parse";
import { referencesOf } from "./references";

/** Markdown as elements. Raw HTML is shown as text; addresses that could run code are dropped. */
export const MarkdownText = memo(function MarkdownText({ text }: { text: string }) {
  const id = useId();
  const math = useMath(text);
  const root = math ? parse(withDollars(text), math) : parse(text);
  const scope = { id, references: referencesOf(root) };
  return (
    <>
      <Content nodes={root.children} scope={scope} />
      <Footnotes scope={scope} />
    </>
  );
});

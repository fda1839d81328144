import { type ReactNode, useState } from "react";
import { Button } from "@/ui/button";
import { TableView } from "./table-view";
import { tf } from "./words";

/** How a text can be looked at besides as it is written. */
export type Preview = "table" | "markdown";

/** What a text of this name is when it is read; null for what is only text. */
export function previewOf(path: string): Preview | null {
  if (/\.(csv|tsv)$/i.test(path)) return "table";
  return /\.(md|markdown)$/i.test(path) ? "markdown" : null;
}

interface TextViewsProps {
  path: string;
  preview: Preview;
  /** What stands in the editor. */
  text: string;
  /** Whether a line of the source is wanted. */
  atLine: boolean;
  markdown: (text: string) => ReactNode;
  /** The editor, which keeps what was typed while it is not seen. */
  children: ReactNode;
}

/** A text as it is read, and as it is written. */
export function TextViews({ path, preview, text, atLine, markdown, children }: TextViewsProps) {
  // Tables are for reading; prose is as often for writing.
  const [reads, setReads] = useState(preview === "table" && !atLine);
  return (
    <>
      <fieldset aria-label={tf("view")} className="flex shrink-0 border-b border-line px-2 py-0.5">
        {[true, false].map((one) => (
          <Button
            key={String(one)}
            kind={reads === one ? "secondary" : "quiet"}
            aria-pressed={reads === one}
            onClick={() => setReads(one)}
          >
            {tf(one ? `view.${preview}` : "view.source")}
          </Button>
        ))}
      </fieldset>
      {reads && preview === "table" && <TableView path={path} text={text} />}
      {reads && preview === "markdown" && (
        <div
          data-testid="markdown"
          // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
          tabIndex={0}
          className="min-h-0 flex-1 overflow-auto p-4 -outline-offset-2"
        >
          {markdown(text)}
        </div>
      )}
      <div className={reads ? "hidden" : "contents"}>{children}</div>
    </>
  );
}

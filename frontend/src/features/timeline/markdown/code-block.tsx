import { ChartNetwork, WrapText } from "lucide-react";
import { useState } from "react";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { FileLink } from "@/ui/file-link";
import { LinesText } from "@/ui/highlight/token-text";
import { useHighlight } from "@/ui/highlight/use-highlight";
import { Icon } from "@/ui/icon";
import { usePreference } from "@/ui/preferences";
import { Drawn } from "../drawing/drawn";
import { drawingOf } from "../drawing/kinds";

interface CodeBlockProps {
  language: string;
  /** The file of the workspace that it is of, if one is named. */
  path?: string;
  text: string;
  /** Whether it is the growing end of a message. */
  live: boolean;
  /** Whether nothing can be added to it any more. */
  closed: boolean;
}

/** Code in a message. */
export function CodeBlock({ language, path, text, live, closed }: CodeBlockProps) {
  const [wrap, setWrap] = useState(false);
  const lines = useHighlight(text, { language }, closed);
  const drawing = closed ? drawingOf(language) : null;
  const byDefault = usePreference("drawings") === "drawn";
  const [asked, ask] = useState<boolean | null>(null);
  const isDrawn = drawing !== null && (asked ?? byDefault);
  const code = (
    <pre
      // Long lines are scrolled to, with the keyboard too.
      // biome-ignore lint/a11y/noNoninteractiveTabindex: see above
      tabIndex={0}
      className={`overflow-x-auto px-3 py-2 text-code ${wrap ? "break-words whitespace-pre-wrap" : ""}`}
    >
      <code className={live ? "caret" : undefined}>{lines ? <LinesText lines={lines} /> : text}</code>
    </pre>
  );
  return (
    <div className="group/code overflow-hidden rounded-card border border-line bg-sunken">
      <div className="flex h-7 items-center justify-between border-b border-line pl-3 text-11 text-text-3">
        <span className="flex min-w-0 items-center gap-2">
          <span className="font-mono">{language}</span>
          {path !== undefined && <FileLink path={path} />}
        </span>
        <span className="flex opacity-0 group-focus-within/code:opacity-100 group-hover/code:opacity-100 pointer-coarse:opacity-100">
          {drawing && (
            <IconButton label={t("drawing.show")} aria-pressed={isDrawn} onClick={() => ask(!isDrawn)}>
              <Icon of={ChartNetwork} />
            </IconButton>
          )}
          <IconButton label={t("timeline.wrap")} aria-pressed={wrap} onClick={() => setWrap(!wrap)}>
            <Icon of={WrapText} />
          </IconButton>
          <CopyButton text={() => text} />
        </span>
      </div>
      {isDrawn ? <Drawn kind={drawing} text={text} otherwise={code} /> : code}
    </div>
  );
}

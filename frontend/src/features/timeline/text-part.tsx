import { t } from "@/i18n";
import { CopyButton } from "@/ui/copy-button";
import { Markdown } from "./markdown/markdown";

/** What the model says. */
export function TextPart({ text, live }: { text: string; live: boolean }) {
  return (
    <div data-testid="part-text" className="group/text relative py-1.5">
      <Markdown text={text} live={live} />
      {!live && (
        <div className="absolute top-0.5 right-0 opacity-0 group-focus-within/text:opacity-100 group-hover/text:opacity-100">
          <CopyButton text={() => text} label={t("timeline.copyMessage")} className="bg-canvas" />
        </div>
      )}
    </div>
  );
}

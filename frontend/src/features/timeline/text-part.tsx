import { t } from "@/i18n";
import { CopyButton } from "@/ui/copy-button";
import { Markdown } from "./markdown/markdown";

/** What the model says. */
export function TextPart({ text, live }: { text: string; live: boolean }) {
  return (
    // What is copied as a whole is copied as it was written.
    <div
      data-testid="part-text"
      className="group/text relative py-1.5"
      onCopy={(event) => {
        if (!isWhole(event.currentTarget)) return;
        event.preventDefault();
        event.clipboardData.setData("text/plain", text);
      }}
    >
      <Markdown text={text} live={live} />
      {!live && (
        <div className="absolute top-0.5 right-0 opacity-0 group-focus-within/text:opacity-100 group-hover/text:opacity-100">
          <CopyButton text={() => text} label={t("timeline.copyMessage")} className="bg-canvas" />
        </div>
      )}
    </div>
  );
}

/** Whether everything that an element says is selected. */
function isWhole(element: HTMLElement): boolean {
  const selection = getSelection();
  const said = element.querySelector(".prose");
  if (!selection || !said) return false;
  return withoutSpace(selection.toString()) === withoutSpace(said.textContent ?? "");
}

const withoutSpace = (text: string) => text.replaceAll(/\s+/g, "");

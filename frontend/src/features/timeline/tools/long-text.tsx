import { useState } from "react";
import { t } from "@/i18n";
import { formatBytes } from "@/i18n/units";

/** Characters shown before the person asks for all. */
const FIRST_CHARACTERS = 6_000;

/** Monospace text that starts short. */
export function LongText({ text }: { text: string }) {
  const [all, setAll] = useState(false);
  const long = text.length > FIRST_CHARACTERS;
  const shown = long && !all ? text.slice(0, FIRST_CHARACTERS) : text;
  return (
    <div className="overflow-hidden rounded-card border border-line bg-sunken">
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
        tabIndex={0}
        className="max-h-80 overflow-auto px-3 py-2 text-code whitespace-pre-wrap text-text"
      >
        {shown}
      </pre>
      {long && (
        <button
          type="button"
          className="tap w-full border-t border-line text-12 text-text-2 hover:text-text"
          onClick={() => setAll(!all)}
        >
          {t(all ? "tool.showLess" : "tool.showAll")}
          {!all && ` · ${t("tool.omitted", { size: formatBytes(text.length - FIRST_CHARACTERS) })}`}
        </button>
      )}
    </div>
  );
}

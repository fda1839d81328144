import { t } from "@/i18n";
import { formatBytes } from "@/i18n/units";
import { useConversation } from "@/stream/react";

/** The files that the model has open: each is in its context once, in its present state. */
export function ContextPane() {
  const files = useConversation(({ state }) => state?.contextFiles ?? EMPTY);
  return (
    <section
      aria-label={t("panel.context")}
      data-testid="panel-context"
      className="h-full overflow-y-auto p-3"
    >
      <p className="pb-2 text-12 text-text-3">{t(files.length > 0 ? "context.help" : "context.empty")}</p>
      <ul className="flex flex-col">
        {files.map((file) => (
          <li key={file.path} className="flex flex-col border-t border-line py-1.5">
            <span className="font-mono text-12 break-all">{file.path}</span>
            <span className="text-12 text-text-3">
              {t("context.lines", { n: file.lines })} ·{" "}
              {t("context.chars", { size: formatBytes(file.shown_chars) })}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

const EMPTY: never[] = [];

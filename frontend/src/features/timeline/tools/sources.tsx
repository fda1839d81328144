import { t } from "@/i18n";
import type { Source } from "./web-data";

/** Addresses with their titles; nothing of them is shown as anything but text. */
export function Sources({ sources }: { sources: readonly Source[] }) {
  return (
    <section aria-label={t("tool.sources")} className="min-w-0">
      <h4 className="pb-0.5 text-11 text-text-3">{t("tool.sources")}</h4>
      <ol data-testid="tool-sources" className="flex flex-col gap-2">
        {sources.map(({ url, title, note }) => (
          <li key={url} className="min-w-0 text-12">
            {title !== "" && <p className="truncate text-13 text-text">{title}</p>}
            <a
              href={url}
              target="_blank"
              rel="noreferrer noopener"
              className="break-all text-accent hover:underline"
            >
              {url}
            </a>
            {note !== "" && <p className="line-clamp-3 text-text-2">{note}</p>}
          </li>
        ))}
      </ol>
    </section>
  );
}

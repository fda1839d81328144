import { t } from "@/i18n";
import type { Beginning } from "@/stream/beginnings";
import { useBeginnings, useSession } from "@/stream/react";
import { Button } from "@/ui/button";
import { Glyph } from "@/ui/glyph";

/** First messages of conversations that wait for Slipway to answer. */
export default function BeginningList() {
  const items = useBeginnings();
  if (items.length === 0) return null;
  return (
    <ul
      aria-label={t("composer.beginnings")}
      className="flex max-h-[40dvh] flex-col gap-2 overflow-y-auto pb-2"
    >
      {items.map((item) => (
        <Line key={item.key} item={item} />
      ))}
    </ul>
  );
}

function Line({ item: { key, text, problem } }: { item: Beginning }) {
  const { beginnings } = useSession();
  return (
    <li
      data-testid="beginning"
      data-state={problem ? "refused" : "waiting"}
      className="rounded-card border border-line bg-surface px-3 py-2"
    >
      <p className="line-clamp-4 text-14 break-words whitespace-pre-wrap text-text-2">{text}</p>
      <div role={problem ? "alert" : "status"} className="flex flex-wrap items-center gap-2 pt-1">
        {problem ? (
          <>
            <span className="text-error">
              <Glyph of="cross" /> {t("timeline.unsent")}: {problem.title}
              {problem.hint && ` – ${problem.hint}`}
            </span>
            <Button onClick={() => void beginnings.retry(key)}>{t("action.retry")}</Button>
          </>
        ) : (
          <span className="text-waiting">
            <Glyph of="half" /> {t("composer.begins")}
          </span>
        )}
        <Button kind="quiet" onClick={() => beginnings.discard(key)}>
          {t("timeline.discard")}
        </Button>
      </div>
    </li>
  );
}

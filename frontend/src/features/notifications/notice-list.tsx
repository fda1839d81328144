import { Link } from "@tanstack/react-router";
import { t } from "@/i18n";
import { tp } from "@/i18n/en-appearance";
import { formatAge } from "@/i18n/units";
import { Button } from "@/ui/button";
import { Glyph, type Shape } from "@/ui/glyph";
import { useNow } from "@/ui/use-now";
import { clearKept, type KeptNotice, markRead, useKept } from "./kept";
import type { NoticeEvent } from "./notices";

const AGE_MS = 30_000;

const LOOKS: Record<NoticeEvent, { shape: Shape; colour: string }> = {
  done: { shape: "check", colour: "text-ok" },
  needsYou: { shape: "triangle", colour: "text-waiting" },
  failed: { shape: "cross", colour: "text-error" },
  budget: { shape: "square", colour: "text-error" },
  budgetLow: { shape: "triangle", colour: "text-waiting" },
};

/** What has happened in conversations that the person was not looking at. */
export default function NoticeList() {
  const items = useKept();
  const now = useNow(items.length > 0, AGE_MS);
  return (
    <div data-testid="notice-list" className="flex flex-col gap-1">
      <h2 className="text-13 font-semibold">{t("notices.title")}</h2>
      {items.length === 0 ? (
        <p className="text-12 text-text-3">{tp("notices.empty")}</p>
      ) : (
        <>
          <ul className="-mx-1.5 max-h-[50dvh] overflow-y-auto">
            {items.map((item) => (
              <Line key={item.id} item={item} now={now} />
            ))}
          </ul>
          <div className="flex justify-between gap-2">
            <Button kind="quiet" onClick={() => markRead(() => true)}>
              {tp("notices.markRead")}
            </Button>
            <Button kind="quiet" onClick={clearKept}>
              {tp("notices.clear")}
            </Button>
          </div>
        </>
      )}
    </div>
  );
}

function Line({ item, now }: { item: KeptNotice; now: number }) {
  const { shape, colour } = LOOKS[item.event];
  return (
    <li data-testid="notice-line" data-read={item.read} className="flex items-start">
      <Link
        to="/c/$id"
        params={{ id: item.conversationId }}
        onClick={() => markRead(({ id }) => id === item.id)}
        className="tap flex min-w-0 flex-1 items-start gap-2 rounded-control px-1.5 py-1 text-text-2 hover:bg-hover hover:text-text"
      >
        <Glyph of={shape} className={`mt-1 ${colour}`} />
        <span className={`min-w-0 flex-1 break-words ${item.read ? "" : "font-medium text-text"}`}>
          {t(`notify.${item.event}`, { title: item.title || t("sidebar.untitled") })}
        </span>
        <span className="shrink-0 text-12 text-text-3">{formatAge(item.at, now)}</span>
      </Link>
      {item.read ? (
        <span className="w-7 shrink-0 pointer-coarse:w-11" />
      ) : (
        <button
          type="button"
          aria-label={tp("notices.read")}
          title={tp("notices.read")}
          onClick={() => markRead(({ id }) => id === item.id)}
          className="tap w-7 shrink-0 rounded-control text-accent hover:bg-hover pointer-coarse:w-11"
        >
          <span aria-hidden="true">●</span>
        </button>
      )}
    </li>
  );
}

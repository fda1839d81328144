import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import { t } from "@/i18n";
import { useConversationList, useSession } from "@/stream/react";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";
import { useNow } from "@/ui/use-now";
import { groupRows, type SidebarRow } from "./groups";
import { ConversationRow, type RowActions } from "./row";

const ROW_HEIGHT = 32;
const AGE_MS = 30_000;

/** The scrolling part of the sidebar; only what is in sight is in the page. */
export function ConversationList(actions: RowActions) {
  const session = useSession();
  const view = useConversationList((list) => list);
  const now = useNow(true, AGE_MS);
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => groupRows(view.items, now), [view.items, now]);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 6,
  });
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto pb-2">
      {view.phase === "failed" && view.items.length === 0 && view.problem && (
        <div className="px-2">
          <ProblemView problem={view.problem} />
        </div>
      )}
      {view.phase === "ready" && rows.length === 0 && (
        <div className="px-3.5 py-3 text-text-3">
          <p className="font-medium text-text-2">{t("sidebar.empty")}</p>
          <p>{t("sidebar.emptyHelp")}</p>
        </div>
      )}
      <div className="relative" style={{ height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => (
          <div
            key={item.key}
            data-index={item.index}
            ref={virtual.measureElement}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <ListRow row={rows[item.index]} now={now} {...actions} />
          </div>
        ))}
      </div>
      {view.next && (
        <div className="px-2 pt-1">
          <Button kind="quiet" onClick={() => void session.list.loadMore()}>
            {t("sidebar.more")}
          </Button>
        </div>
      )}
    </div>
  );
}

function ListRow({ row, now, ...actions }: { row: SidebarRow | undefined; now: number } & RowActions) {
  if (!row) return null;
  if (row.kind === "heading") {
    return (
      <h2 className="flex items-center gap-1.5 px-3.5 pt-2.5 pb-1 text-11 font-medium text-text-3">
        {t(`sidebar.${row.group}`)}
        {(row.group === "waiting" || row.group === "running") && <span>{row.count}</span>}
      </h2>
    );
  }
  return <ConversationRow conversation={row.conversation} now={now} {...actions} />;
}

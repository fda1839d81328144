import { Link, useParams } from "@tanstack/react-router";
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { t } from "@/i18n";
import { useConversationList, useSession } from "@/stream/react";
import { Button } from "@/ui/button";
import { ProblemView } from "@/ui/problem-view";
import { useNow } from "@/ui/use-now";
import { useOpenBranches } from "./branches-open";
import { groupRows, type SidebarRow } from "./groups";
import { ConversationRow, type RowActions } from "./row";
import { useRowKeys } from "./row-keys";

const ROW_HEIGHT = 32;
const AGE_MS = 30_000;
/** Rows before the end of what is loaded at which the next page is fetched. */
const AHEAD = 20;

/** The scrolling part of the sidebar; only what is in sight, and the row with the keyboard, is in the page. */
export function ConversationList(actions: RowActions) {
  const session = useSession();
  const view = useConversationList((list) => list);
  const now = useNow(true, AGE_MS);
  const scroller = useRef<HTMLDivElement>(null);
  const current = useParams({ strict: false }).id;
  const { isOpen, setOpen, chosen } = useOpenBranches(current);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `isOpen` says what `chosen` and `current` say
  const rows = useMemo(() => groupRows(view.items, now, isOpen), [view.items, now, chosen, current]);
  const keys = useRowKeys(rows, scroller, (index) => virtual.scrollToIndex(index), setOpen);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.key ?? index,
    overscan: 6,
    rangeExtractor: (range) => keys.withFocused(defaultRangeExtractor(range)),
  });
  const last = virtual.range?.endIndex ?? 0;
  const { next } = view;
  useEffect(() => {
    if (next && last >= rows.length - AHEAD) void session.list.loadMore();
  }, [next, last, rows.length, session]);
  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto pb-2" {...keys.handlers}>
      {view.phase === "failed" && view.items.length === 0 && view.problem && (
        <div className="px-2">
          <ProblemView problem={view.problem} />
        </div>
      )}
      {view.phase === "ready" && rows.length === 0 && <Empty />}
      {/* biome-ignore lint/a11y/useSemanticElements: headings are among its rows */}
      <div
        role="list"
        aria-label={t("sidebar.label")}
        className="relative"
        style={{ height: virtual.getTotalSize() }}
      >
        {virtual.getVirtualItems().map((item) => (
          // biome-ignore lint/a11y/useSemanticElements: as above
          // biome-ignore lint/a11y/useAriaPropsSupportedByRole: items of lists may have levels
          <div
            key={item.key}
            role="listitem"
            aria-setsize={next ? -1 : rows.length}
            aria-posinset={item.index + 1}
            aria-level={levelOf(rows[item.index])}
            data-index={item.index}
            ref={virtual.measureElement}
            className="absolute inset-x-0 top-0"
            style={{ transform: `translateY(${item.start}px)` }}
          >
            <ListRow row={rows[item.index]} now={now} onOpen={setOpen} {...actions} />
          </div>
        ))}
      </div>
      {next && (
        <div className="px-2 pt-1">
          <Button kind="quiet" onClick={() => void session.list.loadMore()}>
            {t("sidebar.more")}
          </Button>
        </div>
      )}
    </div>
  );
}

function Empty() {
  return (
    <div className="px-3.5 py-3 text-text-3">
      <p className="font-medium text-text-2">{t("sidebar.empty")}</p>
      <p>{t("sidebar.emptyHelp")}</p>
      <Link to="/" className="tap mt-2 inline-flex items-center rounded-control text-accent underline">
        {t("sidebar.new")}
      </Link>
    </div>
  );
}

/** Branches are a level below what they come from. */
function levelOf(row: SidebarRow | undefined): number {
  return row?.kind === "conversation" ? row.depth + 1 : 1;
}

interface ListRowProps extends RowActions {
  row: SidebarRow | undefined;
  now: number;
  onOpen: (head: string, open: boolean) => void;
}

function ListRow({ row, now, onOpen, ...actions }: ListRowProps) {
  if (!row) return null;
  if (row.kind === "heading") {
    return (
      <h2 className="flex items-center gap-1.5 px-3.5 pt-2.5 pb-1 text-11 font-medium text-text-3">
        {t(`sidebar.${row.group}`)}
        {(row.group === "waiting" || row.group === "running") && <span>{row.count}</span>}
      </h2>
    );
  }
  const { conversation, depth, branches: count, open } = row;
  const branches = count > 0 ? { count, open, onToggle: () => onOpen(conversation.id, !open) } : undefined;
  return (
    <ConversationRow conversation={conversation} now={now} depth={depth} branches={branches} {...actions} />
  );
}

import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { isActive } from "@/api/status";
import { t } from "@/i18n";
import { useConversation, useConversationStore } from "@/stream/react";
import { Announcer } from "./announcer";
import { useFollow } from "./follow";
import { NewPill } from "./new-pill";
import { RowView } from "./row-view";
import { type Row, timelineRows } from "./rows";
import { RunEnd } from "./run-end";
import { useTurns } from "./turns";
import { useWantedMessage } from "./wanted-message";

const NO_MESSAGES: never[] = [];
const ESTIMATED_ROW_PX = 64;
/** Distance from the top at which older messages are fetched. */
const LOAD_OLDER_PX = 600;

interface TimelineProps {
  empty: ReactNode;
  /** What comes behind the end of the newest run. */
  end?: ReactNode;
  wanted?: string;
}

/** The conversation: rows in a window that follows the end until the person scrolls away from it. */
export function Timeline({ empty, end, wanted: message }: TimelineProps) {
  const store = useConversationStore();
  const scroller = useRef<HTMLDivElement>(null);
  const messages = useConversation(({ state }) => state?.messages ?? NO_MESSAGES);
  const outbox = useConversation((view) => view.outbox);
  const active = useConversation(({ state }) => isActive(state?.conversation.status ?? "idle"));
  const loadingOlder = useConversation((view) => view.loadingOlder);
  const rows = useMemo(() => timelineRows(messages, outbox), [messages, outbox]);
  const { following, wanted, setFollowing } = useFollow(scroller);

  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ESTIMATED_ROW_PX,
    getItemKey: (index) => rows[index]?.key ?? index,
    anchorTo: "end",
    overscan: 8,
    paddingStart: 16,
    paddingEnd: 8,
  });

  // After every change of height, not only of rows: a streaming text grows inside its row.
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!content.current) return;
    const observer = new ResizeObserver(() => wanted.current && toEnd(scroller.current));
    observer.observe(content.current);
    return () => observer.disconnect();
  }, [wanted]);
  const total = virtual.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the height has changed
  useLayoutEffect(() => {
    if (wanted.current) toEnd(scroller.current);
  }, [total, rows.length, wanted]);
  // What the person has just sent is always in sight.
  const sending = outbox.length;
  useEffect(() => {
    if (sending > 0) setFollowing(true);
  }, [sending, setFollowing]);

  const shown = useWantedMessage(message, rows, (index) => {
    setFollowing(false);
    virtual.scrollToIndex(index, { align: "center" });
  });

  const onScroll = () => {
    if (scroller.current && scroller.current.scrollTop < LOAD_OLDER_PX) void store.loadOlder();
  };
  const jump = () => {
    setFollowing(true);
    toEnd(scroller.current);
  };

  useTurns(rows, {
    top: () => virtual.range?.startIndex ?? 0,
    show: (index) => {
      setFollowing(false);
      virtual.scrollToIndex(index, { align: "start" });
    },
    end: jump,
  });

  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        role="log"
        aria-label={t("timeline.label")}
        aria-live="off"
        aria-busy={active}
        data-testid="timeline"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: scrolled with the keyboard too
        tabIndex={0}
        onScroll={onScroll}
        className="h-full overflow-x-hidden overflow-y-auto [overflow-anchor:none] focus-visible:-outline-offset-2"
      >
        <div ref={content} className="mx-auto max-w-[1100px] px-4 md:px-6">
          {loadingOlder && <p className="pt-2 text-center text-12 text-text-3">{t("timeline.older")}</p>}
          {rows.length === 0 && empty}
          <div className="relative" style={{ height: total }}>
            {virtual.getVirtualItems().map((item) => {
              const row = rows[item.index];
              return (
                <div
                  key={item.key}
                  data-index={item.index}
                  ref={virtual.measureElement}
                  className="absolute inset-x-0 top-0"
                  style={{ transform: `translateY(${item.start}px)` }}
                >
                  {row && (row.key === shown ? <Marked row={row} /> : <RowView row={row} />)}
                </div>
              );
            })}
          </div>
          <RunEnd />
          {end}
        </div>
      </div>
      {!following && <NewPill rows={rows.length} onClick={jump} />}
      <Announcer />
    </div>
  );
}

/** The row that the address names. */
function Marked({ row }: { row: Row }) {
  return (
    <div data-testid="wanted-message" className="rounded-control bg-selected">
      <RowView row={row} />
    </div>
  );
}

function toEnd(element: HTMLElement | null): void {
  if (element) element.scrollTop = element.scrollHeight;
}

import { useVirtualizer } from "@tanstack/react-virtual";
import { type ReactNode, Suspense, useEffect, useLayoutEffect, useMemo, useRef } from "react";
import { isActive } from "@/api/status";
import { t } from "@/i18n";
import { shownMessages } from "@/stream/history";
import { useConversation, useConversationStore } from "@/stream/react";
import { lazyPart } from "@/ui/lazy-part";
import { usePreference } from "@/ui/preferences";
import { Announcer } from "./announcer";
import { useEstimates } from "./estimates";
import { useFollow } from "./follow";
import { NewPill } from "./new-pill";
import { usePlace } from "./place";
import { RevealedProvider, useReveal } from "./reveal";
import { RowView } from "./row-view";
import { type Row, timelineRows } from "./rows";
import { RunEnd } from "./run-end";
import { useTurns } from "./turns";
import { useAside } from "./use-aside";

const Find = lazyPart(() => import("./find/find-bar"), { otherwise: "over" });
const Outline = lazyPart(() => import("./outline/outline-list"), { otherwise: "over" });

const NO_OUTBOX: never[] = [];
/** Distance from the end of what is loaded at which more is fetched. */
const LOAD_MORE_PX = 600;

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
  const messages = useConversation(shownMessages);
  const inPast = useConversation(({ past }) => past !== null);
  const outbox = useConversation((view) => view.outbox);
  const active = useConversation(({ state }) => isActive(state?.conversation.status ?? "idle"));
  const loadingOlder = useConversation((view) => view.loadingOlder);
  const looks = usePreference("calls") === "grouped";
  const approvals = useConversation(({ state }) => state?.approvals);
  const rows = useMemo(() => {
    const held = new Set(approvals?.map(({ call_id }) => call_id));
    return timelineRows(messages, inPast ? NO_OUTBOX : outbox, { looks, held });
  }, [messages, inPast, outbox, looks, approvals]);
  // What is far back has no end to follow.
  const { following, wanted, setFollowing } = useFollow(scroller, !inPast);

  const estimate = useEstimates();
  const virtual = useVirtualizer<HTMLDivElement, Element>({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: (index) => estimate(rows[index]),
    getItemKey: (index) => rows[index]?.key ?? index,
    anchorTo: "end",
    overscan: 8,
    paddingStart: 16,
    paddingEnd: 8,
  });

  // After every change of height, not only of rows: a streaming text grows inside its row, and what asks for an
  // answer takes room from below.
  const content = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (!content.current || !scroller.current) return;
    const observer = new ResizeObserver(() => wanted.current && toEnd(scroller.current));
    observer.observe(content.current);
    observer.observe(scroller.current);
    return () => observer.disconnect();
  }, [wanted]);
  const total = virtual.getTotalSize();
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the height has changed
  useLayoutEffect(() => {
    if (wanted.current) toEnd(scroller.current);
  }, [total, rows.length, wanted]);

  const place = usePlace(virtual, scroller, rows);
  const goTo = (index: number, align: "start" | "center") => {
    setFollowing(false);
    place.goTo(index, align);
  };
  const jump = () => {
    place.leave();
    store.history.toNewest();
    setFollowing(true);
    toEnd(scroller.current);
  };
  // What the person has just sent is always in sight.
  const sending = outbox.length;
  const latestJump = useRef(jump);
  latestJump.current = jump;
  useEffect(() => {
    if (sending > 0) latestJump.current();
  }, [sending]);

  const { target, shown, reveal } = useReveal(message, rows, (index) => goTo(index, "center"));

  const onScroll = () => {
    const element = scroller.current;
    if (!element) return;
    place.onScroll();
    if (element.scrollTop < LOAD_MORE_PX) void store.history.loadOlder();
    const below = element.scrollHeight - element.scrollTop - element.clientHeight;
    if (inPast && below < LOAD_MORE_PX) void store.history.loadNewer();
  };

  useTurns(rows, { here: place.here, show: (index) => goTo(index, "start"), reveal, end: jump });
  const aside = useAside();

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
          {rows.length === 0 && empty}
          <RevealedProvider value={target}>
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
          </RevealedProvider>
          {!inPast && (
            <>
              <RunEnd />
              {end}
            </>
          )}
        </div>
      </div>
      {/* Over the rows, which it must not move. */}
      {loadingOlder && (
        <p className="pointer-events-none absolute inset-x-0 top-0 text-center text-12 text-text-3">
          <span className="rounded-control bg-canvas px-2 py-0.5">{t("timeline.older")}</span>
        </p>
      )}
      {(inPast || !following) && <NewPill rows={rows.length} inPast={inPast} onClick={jump} />}
      <Suspense>
        {aside.open === "find" && <Find scroller={scroller} onShow={reveal} onClose={aside.close} />}
        {aside.open === "outline" && <Outline onShow={reveal} onClose={aside.close} />}
      </Suspense>
      <Announcer />
    </div>
  );
}

/** The row that somebody went to. */
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

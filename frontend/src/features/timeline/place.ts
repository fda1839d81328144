import type { Virtualizer } from "@tanstack/react-virtual";
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef } from "react";
import type { Row } from "./rows";

type Align = "start" | "center";

/** A row that was gone to. */
interface Place {
  key: string;
  align: Align;
  /** Whether it has been in sight: when it is not any more, it was left. */
  seen: boolean;
  /** Whether the person has touched the timeline since: from then on they say where it stands. */
  touched: boolean;
}

/** What the person does with the timeline itself. */
const TOUCHES = ["wheel", "touchmove", "pointerdown", "keydown"] as const;

/**
 * Going to rows. The one that was gone to stays in its place until the person scrolls, whatever is loaded above it:
 * to the list a row is a number, and rows that come in above while it still scrolls there make it another row.
 */
export function usePlace(
  virtual: Virtualizer<HTMLDivElement, Element>,
  scroller: RefObject<HTMLElement | null>,
  rows: readonly Row[],
) {
  const place = useRef<Place | null>(null);
  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    const onTouch = (event: Event) => {
      // With Alt it is a key of the page, such as the one that leads here.
      if (event instanceof KeyboardEvent && event.altKey) return;
      if (place.current) place.current.touched = true;
    };
    const stop = new AbortController();
    for (const kind of TOUCHES)
      element.addEventListener(kind, onTouch, { passive: true, signal: stop.signal });
    return () => stop.abort();
  }, [scroller]);

  const first = rows[0]?.key;
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when rows have come in above, or gone
  useLayoutEffect(() => {
    const { current } = place;
    if (!current || current.touched) return;
    const index = rows.findIndex((row) => row.key === current.key);
    if (index >= 0) virtual.scrollToIndex(index, { align: current.align });
  }, [first]);

  /** Numbers of the rows at the upper and the lower edge, from where the timeline stands now. */
  const edges = () => {
    const { scrollTop = 0, clientHeight = 0 } = scroller.current ?? {};
    const rowAt = (offset: number) => virtual.getVirtualItemForOffset(offset)?.index ?? 0;
    return [rowAt(scrollTop), rowAt(scrollTop + clientHeight)] as const;
  };
  /** The number of the row that was gone to, if it is in sight; else of the first one that is. */
  const here = (): number => {
    const [top, bottom] = edges();
    const index = rows.findIndex((row) => row.key === place.current?.key);
    return index >= top && index <= bottom ? index : top;
  };
  const goTo = (index: number, align: Align) => {
    const row = rows[index];
    if (!row) return;
    place.current = { key: row.key, align, seen: false, touched: false };
    virtual.scrollToIndex(index, { align });
  };
  const leave = useCallback(() => {
    place.current = null;
  }, []);
  const onScroll = () => {
    const { current } = place;
    if (!current) return;
    const [top, bottom] = edges();
    const index = rows.findIndex((row) => row.key === current.key);
    if (index >= top && index <= bottom) current.seen = true;
    else if (current.seen) leave();
  };
  return { here, goTo, leave, onScroll };
}

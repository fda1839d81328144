import { type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** Distance from the end within which the timeline follows what comes. */
const NEAR_END_PX = 64;
/** How long after the person's last input a scroll counts as theirs. */
const INTENT_MS = 400;

/**
 * Whether the timeline stays at its end. Only the person changes it: scrolling up leaves the end at once,
 * scrolling back to it follows again, unless what is loaded has no end that grows. Scrolls made by the program never
 * turn it on.
 */
export function useFollow(scroller: RefObject<HTMLElement | null>, hasEnd: boolean) {
  const canFollow = useRef(hasEnd);
  canFollow.current = hasEnd;
  const [following, setFollowing] = useState(true);
  const wanted = useRef(true);
  const change = useCallback((follow: boolean) => {
    wanted.current = follow;
    setFollowing(follow);
  }, []);

  useEffect(() => {
    const element = scroller.current;
    if (!element) return;
    let lastInput = 0;
    let lastTop = element.scrollTop;
    let touchY = 0;
    const note = () => {
      lastInput = performance.now();
    };
    const onWheel = (event: WheelEvent) => {
      note();
      if (event.deltaY < 0 && canScrollUp(element)) change(false);
    };
    const onTouchStart = (event: TouchEvent) => {
      touchY = event.touches[0]?.clientY ?? 0;
      note();
    };
    const onTouchMove = (event: TouchEvent) => {
      const y = event.touches[0]?.clientY ?? 0;
      if (y > touchY && canScrollUp(element)) change(false);
      touchY = y;
      note();
    };
    const onKey = (event: KeyboardEvent) => {
      // With Alt they lead from message to message, which is no scrolling of the person's.
      if (event.altKey || !SCROLL_KEYS.has(event.key)) return;
      note();
      if (UP_KEYS.has(event.key) && canScrollUp(element)) change(false);
    };
    const onScroll = () => {
      const up = element.scrollTop < lastTop;
      lastTop = element.scrollTop;
      if (performance.now() - lastInput > INTENT_MS) return;
      if (up && distanceFromEnd(element) > NEAR_END_PX) change(false);
      else if (!up && canFollow.current && distanceFromEnd(element) <= NEAR_END_PX) change(true);
    };
    const stop = new AbortController();
    const options = { passive: true, signal: stop.signal };
    element.addEventListener("wheel", onWheel, options);
    element.addEventListener("touchstart", onTouchStart, options);
    element.addEventListener("touchmove", onTouchMove, options);
    // Dragging the scroll bar is a pointer on the scroller itself.
    element.addEventListener("pointerdown", note, options);
    element.addEventListener("pointermove", (event) => event.buttons > 0 && note(), options);
    element.addEventListener("keydown", onKey, options);
    element.addEventListener("scroll", onScroll, options);
    return () => stop.abort();
  }, [scroller, change]);

  return { following, wanted, setFollowing: change };
}

const UP_KEYS = new Set(["ArrowUp", "PageUp", "Home"]);
const SCROLL_KEYS = new Set([...UP_KEYS, "ArrowDown", "PageDown", "End", " "]);

function distanceFromEnd(element: HTMLElement): number {
  return element.scrollHeight - element.scrollTop - element.clientHeight;
}

function canScrollUp(element: HTMLElement): boolean {
  return element.scrollTop > 0;
}

import { type TouchEvent, useRef } from "react";

/** How far a finger must go sideways, in pixels, how much further than up or down, and how long it may take in ms. */
const LEAST_PX = 60;
const STEEPNESS = 2;
const MOST_MS = 600;

/** What moves or draws with a finger by itself. */
const OWN_USE =
  "input, textarea, select, canvas, iframe, [role=slider], [role=separator], .xterm, .cm-editor";

/** Calls `onSwipe` with 1 for a finger that goes to the left, as to the next page, and -1 for the other way. */
export function useSwipe(onSwipe: (by: 1 | -1) => void) {
  const start = useRef<{ x: number; y: number; at: number } | null>(null);
  const onTouchStart = (event: TouchEvent) => {
    const finger = event.touches.item(0);
    const isFree = event.touches.length === 1 && finger && !usesFingers(event.target, event.currentTarget);
    start.current = isFree ? { x: finger.clientX, y: finger.clientY, at: event.timeStamp } : null;
  };
  const onTouchEnd = (event: TouchEvent) => {
    const from = start.current;
    const finger = event.changedTouches.item(0);
    start.current = null;
    if (!from || !finger || event.touches.length > 0 || event.timeStamp - from.at > MOST_MS) return;
    const by = directionOf(finger.clientX - from.x, finger.clientY - from.y);
    // Text that was marked on the way was what the finger was for.
    if (by !== 0 && document.getSelection()?.isCollapsed !== false) onSwipe(by);
  };
  const onTouchCancel = () => {
    start.current = null;
  };
  return { onTouchStart, onTouchEnd, onTouchCancel };
}

/** 1 for a way to the left, -1 for one to the right, 0 for one that is too short or goes up or down. */
export function directionOf(dx: number, dy: number): 1 | -1 | 0 {
  if (Math.abs(dx) < LEAST_PX || Math.abs(dx) < STEEPNESS * Math.abs(dy)) return 0;
  return dx < 0 ? 1 : -1;
}

/** Whether what is touched has its own use for a finger that goes sideways, such as to scroll. */
function usesFingers(touched: EventTarget, within: Element): boolean {
  if (!(touched instanceof Element) || touched.closest(OWN_USE)) return true;
  // What is drawn elsewhere, as menus and dialogs are, is no pane.
  if (!within.contains(touched)) return true;
  for (let at: Element | null = touched; at && at !== within; at = at.parentElement) {
    if (at.scrollWidth <= at.clientWidth) continue;
    if (/auto|scroll/.test(getComputedStyle(at).overflowX)) return true;
  }
  return false;
}

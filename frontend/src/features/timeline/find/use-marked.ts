import { type RefObject, useEffect } from "react";
import { colour, matchesIn, uncolour } from "./matches";

/** Space that a match keeps from the edges. */
const MARGIN_PX = 48;
/** Frames for which the match is held in view while rows around it take their heights. */
const SETTLING_FRAMES = 30;

/** Colours every match that is in the page, and brings the first one of the row that was gone to into view. */
export function useMarked(
  scroller: RefObject<HTMLElement | null>,
  words: string,
  target: string | null,
): void {
  useEffect(() => {
    const element = scroller.current;
    if (!element || words === "") return;
    let frame = 0;
    let frames = 0;
    const paint = () => {
      frame = 0;
      const row = element.querySelector("[data-testid=wanted-message]");
      const own = row ? matchesIn(row, words) : [];
      colour(matchesIn(element, words), own[0]);
      if (target !== null && frames < SETTLING_FRAMES && own[0]) bringIntoView(element, own[0]);
      frames += 1;
      if (frames < SETTLING_FRAMES) schedule();
    };
    const schedule = () => {
      frame ||= requestAnimationFrame(paint);
    };
    schedule();
    // Rows come and go with scrolling, and texts grow.
    const observer = new MutationObserver(schedule);
    observer.observe(element, { childList: true, subtree: true, characterData: true });
    // Whoever scrolls is not pulled back.
    const leave = () => {
      frames = SETTLING_FRAMES;
    };
    element.addEventListener("wheel", leave, { passive: true });
    element.addEventListener("pointerdown", leave, { passive: true });
    return () => {
      cancelAnimationFrame(frame);
      observer.disconnect();
      element.removeEventListener("wheel", leave);
      element.removeEventListener("pointerdown", leave);
      uncolour();
    };
  }, [scroller, words, target]);
}

function bringIntoView(scroller: HTMLElement, match: Range): void {
  const box = scroller.getBoundingClientRect();
  const { top, bottom } = match.getBoundingClientRect();
  if (top < box.top + MARGIN_PX) scroller.scrollTop += top - box.top - MARGIN_PX;
  else if (bottom > box.bottom - MARGIN_PX) scroller.scrollTop += bottom - box.bottom + MARGIN_PX;
}

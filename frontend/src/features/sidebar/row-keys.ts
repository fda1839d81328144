import { type FocusEvent, type KeyboardEvent, type RefObject, useRef, useState } from "react";
import type { SidebarRow } from "./groups";

/** Frames that a row may take to be in the page. */
const PATIENCE_FRAMES = 20;

/**
 * The keyboard in a list of which only a part is in the page: arrows, Home and End go from conversation to
 * conversation, → shows branches and ← hides them or leads to what they come from, and the row with the focus stays in the page wherever the list is scrolled.
 */
export function useRowKeys(
  rows: readonly SidebarRow[],
  scroller: RefObject<HTMLElement | null>,
  scrollTo: (index: number) => void,
  setOpen: (head: string, open: boolean) => void,
) {
  const [focused, setFocused] = useState<string | null>(null);
  const wanted = useRef(0);
  const focus = (index: number) => {
    wanted.current += 1;
    const mine = wanted.current;
    scrollTo(index);
    let frames = 0;
    const attempt = () => {
      const link = scroller.current?.querySelector<HTMLElement>(`[data-index="${index}"] a`);
      frames += 1;
      if (link) link.focus({ preventScroll: true });
      else if (frames < PATIENCE_FRAMES && wanted.current === mine) requestAnimationFrame(attempt);
    };
    attempt();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLElement>) => {
    const target = event.target as HTMLElement;
    if (!target.matches("[data-index] a") || event.altKey || event.ctrlKey || event.metaKey) return;
    const from = indexOf(target);
    const opening = openingOf(rows[from], event.key);
    if (opening) {
      event.preventDefault();
      setOpen(opening.head, opening.open);
      return;
    }
    const next = nextRow(rows, from, event.key);
    if (next === null) return;
    event.preventDefault();
    focus(next);
  };
  const onFocus = (event: FocusEvent<HTMLElement>) => {
    const index = indexOf(event.target as HTMLElement);
    setFocused(rows[index]?.key ?? null);
  };
  const onBlur = () => setFocused(null);
  const withFocused = (range: number[]): number[] => {
    const index = focused === null ? -1 : rows.findIndex((row) => row.key === focused);
    return index < 0 || range.includes(index) ? range : [...range, index].sort((a, b) => a - b);
  };
  return { withFocused, handlers: { onKeyDown, onFocus, onBlur } };
}

function indexOf(element: HTMLElement): number {
  return Number(element.closest<HTMLElement>("[data-index]")?.dataset.index ?? -1);
}

/** What a key on a row shows or hides; null when it does neither. */
export function openingOf(row: SidebarRow | undefined, key: string): { head: string; open: boolean } | null {
  if (row?.kind !== "conversation" || row.branches === 0) return null;
  if (key === "ArrowRight" && !row.open) return { head: row.head, open: true };
  return key === "ArrowLeft" && row.open ? { head: row.head, open: false } : null;
}

/** The conversation that a key leads to from a row; null when it leads nowhere. */
export function nextRow(rows: readonly SidebarRow[], from: number, key: string): number | null {
  const row = rows[from];
  if (key === "ArrowLeft" && row?.kind === "conversation" && row.depth > 0) {
    return rows.findIndex((other) => other.key === row.head);
  }
  const places = rows.flatMap((row, index) => (row.kind === "conversation" ? [index] : []));
  const at = places.indexOf(from);
  const found = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: places.length - 1 }[key];
  return found === undefined ? null : (places[found] ?? null);
}

import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { readStored, writeStored } from "@/platform/storage";
import { setUnread } from "@/ui/unread";
import type { Notice, NoticeEvent } from "./notices";

/** A notice as it is kept in this browser, until there are too many or the person throws them away. */
export interface KeptNotice {
  /** The same in every tab, each of which sees what happens. */
  id: string;
  event: NoticeEvent;
  conversationId: string;
  title: string;
  at: number;
  read: boolean;
}

const KEY = "slipway.notices";
const MOST = 100;
/** The same again within this time was seen by another tab; later it has happened again. */
const SAME_MS = 5_000;

const store = createStore<{ items: readonly KeptNotice[] }>(() => ({ items: stored() }));
store.subscribe(({ items }) => {
  writeStored(KEY, items.length > 0 ? JSON.stringify(items) : null);
  setUnread(unreadOf(items));
});
setUnread(unreadOf(store.getState().items));
// What other tabs have told, read or thrown away.
addEventListener("storage", ({ key }) => key === KEY && store.setState({ items: stored() }));

/** What was told, newest first. */
export function useKept(): readonly KeptNotice[] {
  return useStore(store, ({ items }) => items);
}

export function keep({ event, conversation }: Notice, at: number): void {
  const { id: conversationId, title, run_id: run } = conversation;
  const id = `${conversationId}:${event}:${run ?? ""}`;
  // What another tab has written may not have been heard of yet.
  const items = readStored(KEY) === null ? store.getState().items : stored();
  const isTold = items.some((item) => item.id === id && at - item.at < SAME_MS);
  const others = items.filter((item) => item.id !== id);
  const item: KeptNotice = { id, event, conversationId, title, at, read: false };
  store.setState({ items: isTold ? items : [item, ...others].slice(0, MOST) });
}

/** The person has seen these. */
export function markRead(which: (item: KeptNotice) => boolean): void {
  const { items } = store.getState();
  if (!items.some((item) => !item.read && which(item))) return;
  store.setState({ items: items.map((item) => (which(item) ? { ...item, read: true } : item)) });
}

export function clearKept(): void {
  store.setState({ items: [] });
}

function unreadOf(items: readonly KeptNotice[]): number {
  return items.filter(({ read }) => !read).length;
}

function stored(): readonly KeptNotice[] {
  try {
    const kept: unknown = JSON.parse(readStored(KEY) ?? "[]");
    return Array.isArray(kept) ? (kept as KeptNotice[]) : [];
  } catch {
    return [];
  }
}

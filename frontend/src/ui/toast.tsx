import { Suspense, useEffect } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import type { NoticeLevel } from "@/api/types";
import { whenIdle } from "./idle";
import { lazyPart } from "./lazy-part";

export interface ToastItem {
  id: number;
  text: string;
  level: NoticeLevel;
  action?: { label: string; run: () => void };
}

/** The messages that are to be seen, and whether there ever was one. */
export const toasts = createStore<{ items: readonly ToastItem[]; used: boolean }>(() => ({
  items: [],
  used: false,
}));
let lastId = 0;

/** Shows a short message at the edge of the page. */
export function showToast(toast: Omit<ToastItem, "id">): void {
  lastId += 1;
  const item = { ...toast, id: lastId };
  toasts.setState(({ items }) => ({ items: [...items, item], used: true }));
}

/** Takes a message away. */
export function drop(item: ToastItem): void {
  toasts.setState(({ items }) => ({ items: items.filter((one) => one.id !== item.id) }));
}

const ToastList = lazyPart(() => import("./toast-list"), { otherwise: "quiet" });

/** Where the messages of `showToast` appear; loaded ahead of the first, which may be that nobody answers. */
export function Toaster() {
  useEffect(() => whenIdle(ToastList.preload), []);
  const used = useStore(toasts, (state) => state.used);
  return <Suspense>{used && <ToastList />}</Suspense>;
}

import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";

const store = createStore(() => ({ count: 0 }));

/** How many notices the person has not seen yet. */
export function useUnread(): number {
  return useStore(store, ({ count }) => count);
}

export function setUnread(count: number): void {
  store.setState({ count });
}

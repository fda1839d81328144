import { useEffect, useRef, useSyncExternalStore } from "react";

type Take = (files: readonly File[]) => void;

/** Who takes files for the next message; of several composers the last counts. */
let takers: readonly Take[] = [];
const listeners = new Set<() => void>();

function change(next: readonly Take[]): void {
  takers = next;
  for (const tell of listeners) tell();
}

/** Takes files that other parts of the page give for the next message, while mounted. */
export function useTakesFiles(take: Take): void {
  const latest = useRef(take);
  useEffect(() => {
    latest.current = take;
  });
  useEffect(() => {
    const mine: Take = (files) => latest.current(files);
    change([...takers, mine]);
    return () => change(takers.filter((one) => one !== mine));
  }, []);
}

/** Gives files to the next message; null where nobody writes one. */
export function useGiveFiles(): Take | null {
  const subscribe = (tell: () => void) => {
    listeners.add(tell);
    return () => listeners.delete(tell);
  };
  return useSyncExternalStore(subscribe, () => takers.at(-1) ?? null);
}

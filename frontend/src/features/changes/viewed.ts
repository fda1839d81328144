import { useState } from "react";
import { readStored, writeStored } from "@/platform/storage";

/** Most files that are remembered for a conversation. */
const REMEMBERED = 500;

/**
 * Which files the person has looked at. A file counts as viewed in one state only: when the agent changes it
 * again it is to be looked at again.
 */
export function useViewed(id: string) {
  const key = `slipway.viewed.${id}`;
  const [viewed, setViewed] = useState<ReadonlySet<string>>(() => new Set(readList(key)));
  const markOf = (path: string, state: string) => `${state}:${path}`;
  return {
    isViewed: (path: string, state: string) => viewed.has(markOf(path, state)),
    setViewed: (path: string, state: string, is: boolean) => {
      const next = new Set(viewed);
      if (is) next.add(markOf(path, state));
      else next.delete(markOf(path, state));
      writeStored(key, next.size > 0 ? JSON.stringify([...next].slice(-REMEMBERED)) : null);
      setViewed(next);
    },
  };
}

function readList(key: string): string[] {
  try {
    const stored: unknown = JSON.parse(readStored(key) ?? "[]");
    return Array.isArray(stored) ? stored.filter((mark) => typeof mark === "string") : [];
  } catch {
    return [];
  }
}

import { useState } from "react";
import { readStored, writeStored } from "@/platform/storage";

const KEY = "slipway.opened";
/** Choices that are kept; older ones are forgotten. */
const MOST = 300;

/** What the person has opened (true) or closed (false), by part: a row that is out of sight is not in the page. */
const choices = new Map<string, boolean>(stored());

/** Whether the person has opened or closed a part; null while they have done neither. It outlives the page. */
export function useOpened(part: string): [boolean | null, (open: boolean) => void] {
  const [chosen, setChosen] = useState(() => choices.get(part) ?? null);
  const choose = (open: boolean) => {
    choices.delete(part);
    choices.set(part, open);
    for (const oldest of [...choices.keys()].slice(0, Math.max(0, choices.size - MOST)))
      choices.delete(oldest);
    writeStored(KEY, JSON.stringify([...choices]));
    setChosen(open);
  };
  return [chosen, choose];
}

/** Whether the person has opened a part that may not be in the page now. */
export const isOpened = (part: string): boolean => choices.get(part) === true;

function stored(): [string, boolean][] {
  try {
    const kept: unknown = JSON.parse(readStored(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter(isChoice) : [];
  } catch {
    return [];
  }
}

function isChoice(value: unknown): value is [string, boolean] {
  return Array.isArray(value) && typeof value[0] === "string" && typeof value[1] === "boolean";
}

import { useState } from "react";
import type { Family } from "./families";

/** Which conversations show their branches: those that the person has opened, and those whose branch they look at. */
export function useOpenBranches(current: string | undefined) {
  const [chosen, setChosen] = useState<ReadonlyMap<string, boolean>>(new Map());
  const isOpen = ({ head, branches }: Family) =>
    chosen.get(head.id) ?? branches.some(({ conversation }) => conversation.id === current);
  const setOpen = (head: string, open: boolean) => setChosen((all) => new Map(all).set(head, open));
  return { isOpen, setOpen, chosen };
}

import { createContext, type ReactNode } from "react";

/** What a call that waits for the person shows, given its id; the page fills it, so that cards need not know how one decides. */
export const DecisionSlot = createContext<(callId: string) => ReactNode>(() => null);

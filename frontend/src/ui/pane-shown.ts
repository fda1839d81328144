import { createContext, use } from "react";

/** Whether the tab of the side panel that something is in is the one that shows. */
const PaneShown = createContext(true);

export const PaneShownProvider = PaneShown;

/** Whether what is here can be seen: a pane that keeps its connection for a while rests when it cannot. */
export const useIsShown = (): boolean => use(PaneShown);

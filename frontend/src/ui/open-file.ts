import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import { createStore } from "zustand/vanilla";
import { runAction } from "./actions/registry";

/** The file that somebody wants to see; null once it is shown. */
const wanted = createStore<{ path: string | null }>(() => ({ path: null }));

/** Shows a file of the workspace in the panel of files, which opens for it. */
export function openFile(path: string): void {
  wanted.setState({ path });
  runAction("panel.files");
}

/** Calls `show` with each file that somebody wants to see, also with one that was wanted before this was there. */
export function useWantedFile(show: (path: string) => void): void {
  const path = useStore(wanted, (state) => state.path);
  const latest = useRef(show);
  latest.current = show;
  useEffect(() => {
    if (path === null) return;
    wanted.setState({ path: null });
    latest.current(path);
  }, [path]);
}

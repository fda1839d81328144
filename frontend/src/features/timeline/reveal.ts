import { createContext, use, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import { t } from "@/i18n";
import { useConversationStore } from "@/stream/react";
import { showToast } from "@/ui/toast";
import { idsOfRow, type Row } from "./rows";

/** Where somebody went: the id of a message, or of a part of one. */
interface Target {
  id: string;
}

const Revealed = createContext<string | null>(null);

/** Tells what is below which message or part somebody went to. */
export const RevealedProvider = Revealed;

/** Whether somebody went to one of these parts, which then shows what is in it. */
export function useRevealed(...parts: readonly string[]): boolean {
  const id = use(Revealed);
  return id !== null && parts.includes(id);
}

/**
 * Brings a message, or a part of one, into view, whatever of the conversation is loaded: the one that the address
 * names, and those that `reveal` is called with. `show` is called once for each.
 */
export function useReveal(named: string | undefined, rows: readonly Row[], show: (index: number) => void) {
  const store = useConversationStore();
  const [target, setTarget] = useState<Target | null>(null);
  const shown = useRef<Target | null>(null);
  const latest = useRef(show);
  latest.current = show;
  const newest = useRef<Target | null>(null);
  const reveal = useCallback(
    async (id: string) => {
      const wanted = { id };
      newest.current = wanted;
      const found = await store.history.show(id).catch(() => false);
      // Somebody went elsewhere in the meantime.
      if (newest.current !== wanted) return;
      if (found) setTarget(wanted);
      else showToast({ level: "warning", text: t("search.jumpFailed") });
    },
    [store],
  );
  useEffect(() => {
    if (named !== undefined) void reveal(named);
  }, [named, reveal]);
  const index = target === null ? -1 : rows.findIndex((row) => idsOfRow(row).includes(target.id));
  useLayoutEffect(() => {
    if (index < 0 || shown.current === target) return;
    shown.current = target;
    latest.current(index);
  }, [index, target]);
  return { target: target?.id ?? null, shown: index < 0 ? undefined : rows[index]?.key, reveal };
}

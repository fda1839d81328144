import { useEffect, useRef } from "react";
import { t } from "@/i18n";
import { useConversation, useConversationStore } from "@/stream/react";
import { showToast } from "@/ui/toast";
import { idsOfRow, type Row } from "./rows";

/**
 * Brings the message, or the part of one, that the address names into view, loading older ones until it is
 * there. Gives its row's key. `show` is called once for each message that is asked for.
 */
export function useWantedMessage(
  message: string | undefined,
  rows: readonly Row[],
  show: (index: number) => void,
): string | undefined {
  const store = useConversationStore();
  const hasMore = useConversation(({ state }) => state?.hasMore ?? false);
  const loading = useConversation((view) => view.loadingOlder);
  const done = useRef<string | undefined>(undefined);
  const index = message === undefined ? -1 : rows.findIndex((row) => idsOfRow(row).includes(message));
  // How many rows there were when older ones were asked for: when none came, asking again is in vain.
  const asked = useRef(-1);
  const reveal = useRef(show);
  reveal.current = show;
  useEffect(() => {
    if (message === undefined || done.current === message) return;
    if (index >= 0) {
      done.current = message;
      reveal.current(index);
    } else if (loading) {
      return;
    } else if (hasMore && asked.current !== rows.length) {
      asked.current = rows.length;
      void store.loadOlder();
    } else {
      done.current = message;
      showToast({ level: "warning", text: t("search.jumpFailed") });
    }
  }, [message, index, rows.length, hasMore, loading, store]);
  return index < 0 ? undefined : rows[index]?.key;
}

import { useQueryClient } from "@tanstack/react-query";
import { updateConversation } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { Conversation, UpdateConversation } from "@/api/types";
import { t } from "@/i18n";
import { useSession } from "@/stream/react";
import { showToast } from "@/ui/toast";

/** Where the list of conversations that are put away is cached. */
export const ARCHIVED_KEY = ["archived-conversations"];

/** Pinning conversations and putting them away; what was put away can be brought back at once. */
export function useOrganise() {
  const session = useSession();
  const cache = useQueryClient();
  const change = async (conversation: Conversation, wanted: Partial<UpdateConversation>) => {
    try {
      session.list.put(await updateConversation(conversation.id, wanted));
      await cache.invalidateQueries({ queryKey: ARCHIVED_KEY });
      return true;
    } catch (error) {
      showToast({ level: "error", text: toProblem(error).title });
      return false;
    }
  };
  const pin = (conversation: Conversation) => void change(conversation, { pinned: !conversation.pinned });
  const archive = async (conversation: Conversation) => {
    const archived = !conversation.archived;
    if (!(await change(conversation, { archived })) || !archived) return;
    showToast({
      level: "info",
      text: t("sidebar.putAway", { title: conversation.title || t("sidebar.untitled") }),
      action: { label: t("action.undo"), run: () => void change(conversation, { archived: false }) },
    });
  };
  return { pin, archive: (conversation: Conversation) => void archive(conversation) };
}

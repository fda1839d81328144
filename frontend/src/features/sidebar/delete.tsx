import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { deleteConversation, undeleteConversation } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { isActive } from "@/api/status";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { useSession } from "@/stream/react";
import { lazyPart } from "@/ui/lazy-part";
import { showToast } from "@/ui/toast";
import { ARCHIVED_KEY } from "./organise";

const DeleteQuestion = lazyPart(() => import("./delete-question"), { otherwise: "over" });

/**
 * Deleting conversations: a running one after a question, others at once. The gateway keeps what is deleted for a while,
 * so that closing the page neither brings it back nor takes the chance to undo from another one.
 */
export function useDelete() {
  const session = useSession();
  const cache = useQueryClient();
  const navigate = useNavigate();
  const open = useParams({ strict: false }).id;
  const [asking, setAsking] = useState<Conversation | null>(null);

  const fail = (error: unknown) => showToast({ level: "error", text: toProblem(error).title });
  const undo = async (id: string) => {
    try {
      session.list.put(await undeleteConversation(id));
      await cache.invalidateQueries({ queryKey: ARCHIVED_KEY });
    } catch (error) {
      fail(error);
    }
  };
  const destroy = async (conversation: Conversation) => {
    session.list.remove(conversation.id);
    if (open === conversation.id) void navigate({ to: "/" });
    try {
      await deleteConversation(conversation.id);
    } catch (error) {
      session.list.put(conversation);
      return fail(error);
    }
    await cache.invalidateQueries({ queryKey: ARCHIVED_KEY });
    showToast({
      level: "info",
      text: t("sidebar.deleted", { title: conversation.title || t("sidebar.untitled") }),
      action: { label: t("action.undo"), run: () => void undo(conversation.id) },
    });
  };
  const remove = (conversation: Conversation) =>
    isActive(conversation.status) ? setAsking(conversation) : void destroy(conversation);
  const confirm = () => {
    if (asking) void destroy(asking);
    setAsking(null);
  };
  const question = asking && (
    <DeleteQuestion conversation={asking} onConfirm={confirm} onClose={() => setAsking(null)} />
  );
  return { remove, question };
}

import { useNavigate, useParams } from "@tanstack/react-router";
import { lazy, useState } from "react";
import { deleteConversation } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { isActive } from "@/api/status";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { useSession } from "@/stream/react";
import { showToast } from "@/ui/toast";

const DeleteQuestion = lazy(() => import("./delete-question"));

/**
 * Deleting conversations: a running one after a question, others at once but with a chance to undo,
 * for which the gateway is told only when that chance has passed.
 */
export function useDelete() {
  const session = useSession();
  const navigate = useNavigate();
  const open = useParams({ strict: false }).id;
  const [asking, setAsking] = useState<Conversation | null>(null);

  const leave = (id: string) => {
    session.list.setHidden(id, true);
    if (open === id) void navigate({ to: "/" });
  };
  const destroy = async (conversation: Conversation) => {
    try {
      await deleteConversation(conversation.id);
    } catch (error) {
      session.list.setHidden(conversation.id, false);
      showToast({ level: "error", text: toProblem(error).title });
    }
  };
  const remove = (conversation: Conversation) => {
    if (isActive(conversation.status)) return setAsking(conversation);
    leave(conversation.id);
    showToast({
      level: "info",
      text: t("sidebar.deleted", { title: conversation.title || t("sidebar.untitled") }),
      action: { label: t("action.undo"), run: () => session.list.setHidden(conversation.id, false) },
      onGone: () => void destroy(conversation),
    });
  };
  const confirm = () => {
    if (!asking) return;
    leave(asking.id);
    void destroy(asking);
    setAsking(null);
  };
  const question = asking && (
    <DeleteQuestion conversation={asking} onConfirm={confirm} onClose={() => setAsking(null)} />
  );
  return { remove, question };
}

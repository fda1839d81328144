import { useNavigate } from "@tanstack/react-router";
import { saveDraft } from "@/api/drafts";
import { createConversation } from "@/api/endpoints";
import { DEFAULT_WORKSPACE } from "@/api/workspaces";
import { t } from "@/i18n";
import { useConversationStore, useSession } from "@/stream/react";
import type { ConversationState } from "@/stream/reducer";
import { useAttempt } from "@/ui/use-attempt";

/** From which share of its window on the model may hand over itself. */
export const HAND_OVER_FROM = 0.8;

/**
 * Goes on in a new conversation of the same workspace and model. The model itself hands over where it may, which links both
 * conversations; else a handover is written for the person to look through and to send.
 */
export function useHandOver(): { busy: boolean; handOver: () => void } {
  const store = useConversationStore();
  const session = useSession();
  const navigate = useNavigate();
  const { busy, attempt } = useAttempt();
  const handOver = () => {
    const { state } = store.view.getState();
    if (!state) return;
    if (mayByItself(state)) return void store.send(t("meter.handOverText"), "queue");
    const { title, model, workspace_id: workspace = DEFAULT_WORKSPACE } = state.conversation;
    void attempt(async () => {
      const { handoverOf } = await import("./hand-over-text");
      const name = title || t("sidebar.untitled");
      const made = await createConversation({
        title: t("handover.title", { title: name }),
        model,
        workspace_id: workspace,
        continues: state.conversation.id,
      });
      await saveDraft(made.id, { text: handoverOf(state, location.origin), edited_at: Date.now() });
      session.list.put(made);
      await navigate({ to: "/c/$id", params: { id: made.id } });
    });
  };
  return { busy, handOver };
}

function mayByItself({ contextUsed, contextLimit }: ConversationState): boolean {
  return contextLimit !== null && contextUsed / contextLimit >= HAND_OVER_FROM;
}

import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import type { Conversation } from "@/api/types";
import { t } from "@/i18n";
import { useConversationList } from "@/stream/react";
import { showToast } from "@/ui/toast";
import { markIcon, markTitle } from "./badge";
import { noticesBetween, waiting } from "./notices";
import { preferences } from "./preferences";
import { playSound } from "./sound";
import { notifySystem } from "./system";

/**
 * Tells of what happens in conversations that the person is not looking at: by the tab's title and icon, in
 * the page, and, where they want it, by sounds and by notifications of the system.
 */
export function Notifier() {
  const items = useConversationList((list) => list.items);
  const ready = useConversationList((list) => list.phase === "ready");
  const navigate = useNavigate();
  const open = useParams({ strict: false }).id;
  const before = useRef<readonly Conversation[] | null>(null);
  useEffect(() => {
    if (!ready) return;
    const notices = noticesBetween(before.current ?? items, items);
    before.current = items;
    const wanted = preferences();
    for (const { kind, conversation } of notices) {
      const isSeen =
        conversation.id === open && document.visibilityState === "visible" && document.hasFocus();
      if (!wanted[kind] || isSeen) continue;
      const title = conversation.title || t("sidebar.untitled");
      const go = () => void navigate({ to: "/c/$id", params: { id: conversation.id } });
      if (conversation.id !== open) {
        showToast({
          level: kind === "done" ? "info" : "warning",
          text: t(`notify.${kind}`, { title }),
          action: { label: t("notify.open"), run: go },
        });
      }
      if (wanted.sound) playSound(kind);
      if (wanted.system) notifySystem(t(`notify.${kind}`, { title }), t("app.name"), conversation.id, go);
    }
  }, [items, ready, open, navigate]);
  const count = waiting(items);
  useEffect(() => {
    markIcon(count > 0);
    return count > 0 ? markTitle(count) : undefined;
  }, [count]);
  return null;
}

import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { t } from "@/i18n";
import type { ListView } from "@/stream/list-store";
import { useConversationList } from "@/stream/react";
import { showToast } from "@/ui/toast";
import { markIcon, markTitle } from "./badge";
import { keep, markRead } from "./kept";
import { kindOf, nearBetween, noticesBetween, waiting } from "./notices";
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
  const near = useConversationList((list) => list.near);
  const before = useRef<Pick<ListView, "items" | "near"> | null>(null);
  useEffect(() => {
    if (!ready) return;
    const was = before.current ?? { items, near };
    const notices = [...nearBetween(was.near, near, items), ...noticesBetween(was.items, items)];
    before.current = { items, near };
    const wanted = preferences();
    for (const notice of notices) {
      const { event, conversation } = notice;
      const isSeen =
        conversation.id === open && document.visibilityState === "visible" && document.hasFocus();
      if (!wanted[kindOf(event)] || isSeen) continue;
      keep(notice, Date.now());
      const title = conversation.title || t("sidebar.untitled");
      const go = () => void navigate({ to: "/c/$id", params: { id: conversation.id } });
      if (conversation.id !== open) {
        showToast({
          level: event === "done" ? "info" : "warning",
          text: t(`notify.${event}`, { title }),
          action: { label: t("notify.open"), run: go },
        });
      }
      if (wanted.sound) playSound(kindOf(event));
      if (wanted.system) notifySystem(t(`notify.${event}`, { title }), t("app.name"), conversation.id, go);
    }
  }, [items, near, ready, open, navigate]);
  useSeen(open);
  const count = waiting(items);
  useEffect(() => {
    markIcon(count > 0);
    return count > 0 ? markTitle(count) : undefined;
  }, [count]);
  return null;
}

/** What was told of a conversation is read once the person looks at it. */
function useSeen(open: string | undefined): void {
  useEffect(() => {
    if (open === undefined) return;
    const look = () => {
      if (document.visibilityState === "visible" && document.hasFocus())
        markRead(({ conversationId }) => conversationId === open);
    };
    look();
    window.addEventListener("focus", look);
    return () => window.removeEventListener("focus", look);
  }, [open]);
}

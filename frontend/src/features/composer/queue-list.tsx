import { SendHorizontal, Trash2 } from "lucide-react";
import { deleteQueued, sendQueuedNow } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { useConversation, useConversationStore } from "@/stream/react";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { showToast } from "@/ui/toast";

/** Messages that wait for the run to end. */
export function QueueList() {
  const { id } = useConversationStore();
  const queue = useConversation(({ state }) => state?.queue ?? EMPTY);
  if (queue.length === 0) return null;
  const attempt = (action: Promise<unknown>) =>
    void action.catch((error: unknown) => showToast({ level: "error", text: toProblem(error).title }));
  return (
    <ul
      aria-label={t("composer.queueList")}
      data-testid="queue"
      className="mb-1.5 flex max-h-40 flex-col gap-1 overflow-y-auto"
    >
      {queue.map((message) => (
        <li
          key={message.message_id}
          className="flex items-center gap-2 rounded-card border border-line bg-surface py-0.5 pr-1 pl-3"
        >
          <span className="shrink-0 text-12 text-text-3">{t("composer.queued")}</span>
          <span className="min-w-0 flex-1 truncate">{message.text}</span>
          <IconButton
            label={t("composer.sendNow")}
            onClick={() => attempt(sendQueuedNow(id, message.message_id))}
          >
            <Icon of={SendHorizontal} />
          </IconButton>
          <IconButton
            label={t("composer.remove")}
            onClick={() => attempt(deleteQueued(id, message.message_id))}
          >
            <Icon of={Trash2} />
          </IconButton>
        </li>
      ))}
    </ul>
  );
}

const EMPTY: never[] = [];

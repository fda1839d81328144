import { ArrowDown, ArrowUp, Pencil, SendHorizontal, Trash2 } from "lucide-react";
import { deleteQueued, editQueued, sendQueuedNow } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { QueuedMessage } from "@/api/types";
import { t } from "@/i18n";
import { IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";
import { showToast } from "@/ui/toast";
import { QueuedText } from "./queued-text";

/** Where a waiting message can be moved. */
export type Move = "earlier" | "later";

interface QueuedLineProps {
  conversation: string;
  message: QueuedMessage;
  /** Whether its words are being changed. */
  editing: boolean;
  onEdit: (editing: boolean) => void;
  isFirst: boolean;
  isLast: boolean;
  onMove: (move: Move) => void;
}

/** A message that waits, and what can be done with it. */
export function QueuedLine({
  conversation,
  message,
  editing,
  onEdit,
  isFirst,
  isLast,
  onMove,
}: QueuedLineProps) {
  const id = message.message_id;
  const attempt = (action: Promise<unknown>) =>
    void action.catch((error: unknown) => showToast({ level: "error", text: toProblem(error).title }));
  const save = (text: string) =>
    text === message.text
      ? onEdit(false)
      : // What could not be saved stays in its field.
        attempt(editQueued(conversation, id, text).then(() => onEdit(false)));
  return (
    <li
      data-message={id}
      className="flex items-center gap-1 rounded-card border border-line bg-surface py-0.5 pr-1 pl-3"
    >
      <span className="mr-1 shrink-0 text-12 text-text-3">{t("composer.queued")}</span>
      {editing ? (
        <QueuedText text={message.text} onSave={save} onCancel={() => onEdit(false)} />
      ) : (
        <>
          <span className="min-w-0 flex-1 truncate">{message.text}</span>
          {!(isFirst && isLast) && (
            <>
              <IconButton
                label={t("composer.earlier")}
                data-move="earlier"
                disabled={isFirst}
                onClick={() => onMove("earlier")}
              >
                <Icon of={ArrowUp} />
              </IconButton>
              <IconButton
                label={t("composer.later")}
                data-move="later"
                disabled={isLast}
                onClick={() => onMove("later")}
              >
                <Icon of={ArrowDown} />
              </IconButton>
            </>
          )}
          <IconButton label={t("composer.edit")} onClick={() => onEdit(true)}>
            <Icon of={Pencil} />
          </IconButton>
          <IconButton label={t("composer.sendNow")} onClick={() => attempt(sendQueuedNow(conversation, id))}>
            <Icon of={SendHorizontal} />
          </IconButton>
          <IconButton label={t("composer.remove")} onClick={() => attempt(deleteQueued(conversation, id))}>
            <Icon of={Trash2} />
          </IconButton>
        </>
      )}
    </li>
  );
}

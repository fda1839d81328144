import { useEffect, useRef } from "react";
import { orderQueue } from "@/api/endpoints";
import { toProblem } from "@/api/problem";
import type { QueuedMessage } from "@/api/types";
import { t } from "@/i18n";
import { useConversation, useConversationStore } from "@/stream/react";
import { showToast } from "@/ui/toast";
import { type Move, QueuedLine } from "./queued-line";

interface QueueListProps {
  /** The message whose words are being changed. */
  editing: string | null;
  onEdit: (message: string | null) => void;
}

/** Messages that wait for the run to end. */
export function QueueList({ editing, onEdit }: QueueListProps) {
  const { id } = useConversationStore();
  const queue = useConversation(({ state }) => state?.queue ?? EMPTY);
  const list = useRef<HTMLUListElement>(null);
  const moved = useRef<{ message: string; move: Move } | null>(null);
  // A button that is moved with its line loses the focus, and with it the next press of a key would be lost.
  // biome-ignore lint/correctness/useExhaustiveDependencies: runs when the order has changed
  useEffect(() => {
    if (!moved.current) return;
    const { message, move } = moved.current;
    moved.current = null;
    const line = list.current?.querySelector(`[data-message="${CSS.escape(message)}"]`);
    const buttons = [...(line?.querySelectorAll<HTMLButtonElement>("[data-move]:enabled") ?? [])];
    (buttons.find((button) => button.dataset.move === move) ?? buttons[0])?.focus();
  }, [queue]);
  if (queue.length === 0) return null;
  const shift = (place: number, move: Move) => {
    const message = queue[place]?.message_id ?? "";
    moved.current = { message, move };
    orderQueue(id, shifted(queue, place, move)).catch((error: unknown) => {
      moved.current = null;
      showToast({ level: "error", text: toProblem(error).title });
    });
  };
  return (
    <ul
      ref={list}
      aria-label={t("composer.queueList")}
      data-testid="queue"
      className="mb-1.5 flex max-h-40 flex-col gap-1 overflow-y-auto"
    >
      {queue.map((message, place) => (
        <QueuedLine
          key={message.message_id}
          conversation={id}
          message={message}
          editing={editing === message.message_id}
          onEdit={(on) => onEdit(on ? message.message_id : null)}
          isFirst={place === 0}
          isLast={place === queue.length - 1}
          onMove={(move) => shift(place, move)}
        />
      ))}
    </ul>
  );
}

/** The ids in their order, but the one at `place` one place earlier or later. */
export function shifted(queue: readonly QueuedMessage[], place: number, move: Move): string[] {
  const ids = queue.map((message) => message.message_id);
  const [taken] = ids.splice(place, 1);
  if (taken !== undefined) ids.splice(move === "earlier" ? place - 1 : place + 1, 0, taken);
  return ids;
}

const EMPTY: never[] = [];

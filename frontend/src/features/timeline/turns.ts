import { useQueryClient } from "@tanstack/react-query";
import { useConversationStore } from "@/stream/react";
import { useAction } from "@/ui/actions/registry";
import { keepEditDraft } from "./edit-drafts";
import { outlineQuery } from "./outline/outline-query";
import type { Row } from "./rows";
import { textOf } from "./user-turn";

/** What of the timeline going from turn to turn needs. */
interface View {
  /** Position of the row from which the keys lead. */
  here: () => number;
  show: (index: number) => void;
  /** Goes to a message that is not among the rows. */
  reveal: (messageId: string) => void;
  end: () => void;
}

/** Position of the message of the person before or behind a row; null where there is none. */
export function nextTurn(rows: readonly Row[], from: number, step: -1 | 1): number | null {
  for (let at = from + step; at >= 0 && at < rows.length; at += step) {
    const kind = rows[at]?.kind;
    if (kind === "user" || kind === "unsent") return at;
  }
  return null;
}

/** Binds the actions that lead from message to message of the person, those that are not loaded too. */
export function useTurns(rows: readonly Row[], { here, show, reveal, end }: View): void {
  const { id, view } = useConversationStore();
  const cache = useQueryClient();
  /** The message beyond the rows, from the outline. */
  const beyond = async (step: -1 | 1): Promise<string | undefined> => {
    const turns = rows.flatMap((row) => (row.kind === "user" ? [row.message.id] : []));
    const outline = await cache.fetchQuery(outlineQuery(id));
    const known = outline.findIndex((item) => item.message_id === (step === 1 ? turns.at(-1) : turns[0]));
    if (known >= 0) return outline[known + step]?.message_id;
    // Rows without a message of the person: the one whose work they are is the nearest before them.
    const first = rows.find((row) => row.kind === "part");
    const started = first?.kind === "part" ? first.part.started_at : 0;
    const behind = outline.findIndex((item) => item.created_at > started);
    const place = behind < 0 ? outline.length : behind;
    return outline[step === 1 ? place : place - 1]?.message_id;
  };
  const go = (step: -1 | 1) => {
    const index = nextTurn(rows, here(), step);
    if (index !== null) return show(index);
    const { past, state } = view.getState();
    const more = step === 1 ? past !== null : (past ?? state)?.hasMore;
    const stay = () => (step === 1 ? end() : show(0));
    if (!more) return stay();
    void beyond(step).then((message) => (message === undefined ? stay() : reveal(message)), stay);
  };
  useAction("turn.previous", () => go(-1));
  useAction("turn.next", () => go(1));
  useAction("message.editLast", () => {
    const { messages } = view.getState().state ?? { messages: [] };
    const last = messages.findLast((message) => message.role === "user");
    if (!last) return;
    keepEditDraft(last.id, textOf(last));
    reveal(last.id);
  });
  useAction("conversation.end", end);
}

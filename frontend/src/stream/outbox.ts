import type { Attachment, Problem, SendMode } from "@/api/types";
import { readStored, storedKeys, writeStored } from "@/platform/storage";
import type { ConversationState } from "./reducer";

/** A message of this tab that the timeline and the queue do not show yet. */
export interface OutboxItem {
  clientId: string;
  text: string;
  mode: SendMode;
  /** Files of the workspace that go with it. */
  attachments?: readonly Attachment[];
  /** Why it could not be sent; absent while it is under way. */
  problem?: Problem;
  /** Nobody answered: it is sent again, by itself, as soon as somebody does. */
  waiting?: boolean;
}

const PREFIX = "slipway.outbox.";
const storageKey = (conversationId: string) => `${PREFIX}${conversationId}`;

/** Whether nobody has answered, or only somebody in between who does not reach Slipway either. */
export function isUnreachable({ code }: Problem): boolean {
  return /^(unreachable|http_50[234])$/.test(code);
}

/** The conversations with messages that still have to be sent. */
export function outboxesToSend(): string[] {
  const ids = storedKeys(PREFIX).map((key) => key.slice(PREFIX.length));
  return ids.filter((id) => readOutbox(id).some((item) => !item.problem));
}

/** What an earlier page could not send before it was closed. */
export function readOutbox(conversationId: string): readonly OutboxItem[] {
  try {
    return JSON.parse(readStored(storageKey(conversationId)) ?? "[]") as OutboxItem[];
  } catch {
    return [];
  }
}

export function writeOutbox(conversationId: string, outbox: readonly OutboxItem[]): void {
  writeStored(storageKey(conversationId), outbox.length > 0 ? JSON.stringify(outbox) : null);
}

/** What is left of the outbox once the gateway's own account of the conversation is considered. */
export function withoutArrived(
  outbox: readonly OutboxItem[],
  state: ConversationState,
): readonly OutboxItem[] {
  if (outbox.length === 0) return outbox;
  const arrived = new Set<string>(state.queue.map((message) => message.client_id));
  for (const message of state.messages) if (message.client_id) arrived.add(message.client_id);
  const left = outbox.filter((item) => !arrived.has(item.clientId));
  return left.length === outbox.length ? outbox : left;
}

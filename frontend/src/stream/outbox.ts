import type { Problem, SendMode } from "@/api/types";
import type { ConversationState } from "./reducer";

/** A message of this tab that the timeline and the queue do not show yet. */
export interface OutboxItem {
  clientId: string;
  text: string;
  mode: SendMode;
  /** Why it could not be sent; absent while it is under way. */
  problem?: Problem;
}

/** A new idempotency key; `crypto.randomUUID` does not exist on plain-HTTP origins. */
export function newClientId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
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

import type {
  Conversation,
  ConversationSnapshot,
  EventBody,
  GatewayEvent,
  Message,
  Part,
  ToolPart,
  Usage,
} from "@/api/types";

/** Builders for what a gateway sends. */

export const CONVERSATION_ID = "conv_1";

/** What a conversation has used that has used nothing. */
export const NO_USAGE: Usage = {
  input: 0,
  cached: 0,
  written: 0,
  output: 0,
  reasoning: 0,
  cost_micros: null,
  cost_incomplete: false,
  included: 0,
  source: "reported",
};

export function conversation(change: Partial<Conversation> = {}): Conversation {
  return {
    id: CONVERSATION_ID,
    title: "A task",
    status: "running",
    model: { provider_id: "demo", model: "scripted" },
    scripted: false,
    created_at: 1_000,
    updated_at: 1_000,
    ...change,
  };
}

export function snapshot(change: Partial<ConversationSnapshot> = {}): ConversationSnapshot {
  return {
    conversation: conversation(),
    messages: [],
    has_more: false,
    queue: [],
    usage: NO_USAGE,
    context_used: 0,
    context_limit: null,
    context_files: [],
    cursor: "epoch-0",
    ...change,
  };
}

export function event(
  seq: number,
  body: EventBody,
  conversationId: string | null = CONVERSATION_ID,
): GatewayEvent {
  return { seq, conversation_id: conversationId, at: seq, body };
}

export function message(id: string, change: Partial<Message> = {}): Message {
  return { id, conversation_id: CONVERSATION_ID, role: "assistant", parts: [], created_at: 1_000, ...change };
}

export function textPart(id: string, messageId: string, text = ""): Part {
  return { id, message_id: messageId, state: "streaming", body: { type: "text", text }, started_at: 1_000 };
}

export function tool(change: Partial<ToolPart> = {}): ToolPart {
  return {
    call_id: "call_1",
    name: "run_terminal_command",
    arguments: JSON.stringify({ command: "make test" }),
    status: "running",
    output: { head: "", tail: "", omitted_bytes: 0 },
    ...change,
  };
}

export function toolPart(id: string, messageId: string, change: Partial<ToolPart> = {}): Part {
  const body = { ...tool(change), type: "tool" as const };
  return { id, message_id: messageId, state: "streaming", body, started_at: 1_000 };
}

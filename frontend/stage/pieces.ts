import type {
  Conversation,
  ConversationSnapshot,
  Message,
  Part,
  PartBody,
  RunStatus,
  ToolPart,
} from "../src/api/types";
import recorded from "./recorded.json" with { type: "json" };

/** When the scenes play: the clock of their pages is set to it. */
export const NOW = recorded["/conversations/conv_demo"].conversation.updated_at + 60_000;

const MODEL = { provider_id: "demo", model: "scripted-demo" };

/** A conversation on the list. */
export function conversation(
  id: string,
  title: string,
  status: RunStatus,
  change: Partial<Conversation> = {},
): Conversation {
  return {
    id,
    title,
    status,
    model: MODEL,
    scripted: false,
    pinned: false,
    archived: false,
    created_at: NOW - 600_000,
    updated_at: NOW - 30_000,
    ...change,
  };
}

/** A conversation as the gateway tells it. */
export function snapshot(
  of: Conversation,
  messages: Message[],
  change: Partial<ConversationSnapshot> = {},
): Omit<ConversationSnapshot, "cursor"> {
  const { usage, context_used, context_limit } = recorded[
    "/conversations/conv_demo"
  ] as unknown as ConversationSnapshot;
  return {
    conversation: of,
    messages,
    has_more: false,
    queue: [],
    usage,
    context_used,
    context_limit,
    context_files: [],
    ...change,
  };
}

let parts = 0;

/** A part of a message. */
export function part(message: string, body: PartBody, state: Part["state"] = "done"): Part {
  parts += 1;
  return {
    id: `part_${parts}`,
    message_id: message,
    state,
    body,
    started_at: NOW - 60_000,
    ended_at: NOW - 55_000,
  };
}

/** A message, with what it holds. */
export function said(
  id: string,
  of: string,
  role: Message["role"],
  bodies: PartBody[],
  at = NOW - 60_000,
): Message {
  return {
    id,
    conversation_id: of,
    role,
    parts: bodies.map((body) => part(id, body)),
    created_at: at,
  };
}

/** What somebody says. */
export const text = (words: string): PartBody => ({ type: "text", text: words });

/** A call of a tool. */
export function tool(name: string, given: unknown, change: Partial<ToolPart> = {}): PartBody {
  parts += 1;
  return {
    type: "tool",
    call_id: `call_${parts}`,
    name,
    arguments: JSON.stringify(given),
    status: "ok",
    output: { head: "", tail: "", omitted_bytes: 0 },
    duration_ms: 1_200,
    ...change,
  };
}

import type {
  Approval,
  ContextFile,
  Conversation,
  ConversationSnapshot,
  EventBody,
  GatewayEvent,
  Message,
  Plan,
  Question,
  QueuedMessage,
  Retry,
  Usage,
  Wordings,
} from "@/api/types";
import { changePart, type PartEvent, reducePart } from "./parts";

/** A conversation as this client knows it: a snapshot and every event after it. */
export interface ConversationState {
  /** Number of the last event that is in this state. */
  seq: number;
  conversation: Conversation;
  messages: readonly Message[];
  /** What sub-agents say and do, each message with the call inside which they work. */
  nested: readonly Message[];
  /** Whether the gateway has messages older than the first. */
  hasMore: boolean;
  queue: readonly QueuedMessage[];
  usage: Usage;
  contextUsed: number;
  contextLimit: number | null;
  contextFiles: readonly ContextFile[];
  /** The model's to-do list, if it has made one. */
  plan: Plan | null;
  /** What the run waits for the person to answer. */
  questions: readonly Question[];
  /** Calls that wait until the person has decided. */
  approvals: readonly Approval[];
  /** Messages that were said in other words too, and where those go on. */
  wordings: readonly Wordings[];
  /** The newest checkpoint of which an event told: another one means that files may have changed. */
  checkpoint: string | null;
  /** Number of the run's present step; 0 while unknown. */
  step: number;
  retry: Retry | null;
}

/** The state that a snapshot describes. */
export function fromSnapshot(snapshot: ConversationSnapshot): ConversationState {
  return {
    seq: cursorSeq(snapshot.cursor),
    conversation: snapshot.conversation,
    messages: snapshot.messages,
    nested: snapshot.nested ?? [],
    hasMore: snapshot.has_more,
    queue: snapshot.queue,
    usage: snapshot.usage,
    contextUsed: snapshot.context_used,
    contextLimit: snapshot.context_limit ?? null,
    contextFiles: snapshot.context_files,
    plan: snapshot.plan ?? null,
    questions: snapshot.questions ?? [],
    approvals: snapshot.approvals ?? [],
    wordings: snapshot.wordings ?? [],
    checkpoint: null,
    step: 0,
    retry: null,
  };
}

/** The event number in a cursor `<epoch>-<seq>`. */
export function cursorSeq(cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf("-") + 1));
}

/**
 * The next state. Pure; an event that the state already contains changes nothing, so that replaying,
 * doubling or splitting a log in any way gives the same state.
 */
export function reduce(state: ConversationState, event: GatewayEvent): ConversationState {
  if (event.seq <= state.seq) return state;
  const next = { ...state, seq: event.seq };
  if (event.conversation_id !== state.conversation.id) return next;
  return { ...next, ...change(state, event.body, event.at) };
}

function change(state: ConversationState, body: EventBody, at: number): Partial<ConversationState> {
  switch (body.type) {
    case "conversation.updated":
      return { conversation: body.conversation };
    case "message.created":
      return body.message.call_id == null
        ? { messages: upsert(state.messages, body.message) }
        : { nested: upsert(state.nested, body.message) };
    case "message.removed":
      return {
        messages: without(state.messages, body.message_id),
        nested: without(state.nested, body.message_id),
      };
    case "part.started":
    case "part.done":
    case "tool.finished":
    case "part.delta":
    case "tool.args":
    case "tool.started":
    case "tool.output":
      return partChange(state, body);
    case "run.status":
      return runStatus(state, body, at);
    case "queue.updated":
      return { queue: body.queue };
    case "usage.updated":
      return {
        usage: body.total,
        contextUsed: body.context_used,
        contextLimit: body.context_limit ?? null,
      };
    case "plan.updated":
      return { plan: body.plan };
    case "questions.updated":
      return { questions: body.questions };
    case "approvals.updated":
      return { approvals: body.approvals };
    case "wordings.updated":
      return { wordings: body.wordings };
    case "checkpoint.created":
    case "checkpoint.restored":
      return { checkpoint: body.checkpoint.id };
    case "context.files":
      return { contextFiles: body.files };
    default:
      return {};
  }
}

function runStatus(
  state: ConversationState,
  body: EventBody & { type: "run.status" },
  at: number,
): Partial<ConversationState> {
  const conversation = {
    ...state.conversation,
    status: body.status,
    run_id: body.run_id ?? state.conversation.run_id,
    run_started_at: body.started_at ?? null,
    problem: body.problem ?? null,
    updated_at: Math.max(state.conversation.updated_at, at),
  };
  return { conversation, step: body.step ?? 0, retry: body.retry ?? null };
}

/** Changes the message that a part belongs to, wherever it is. */
function partChange(state: ConversationState, event: PartEvent): Partial<ConversationState> {
  const messages = changePart(state.messages, event, reducePart);
  if (messages !== state.messages) return { messages };
  return { nested: changePart(state.nested, event, reducePart) };
}

function without(messages: readonly Message[], id: string): readonly Message[] {
  return messages.some((message) => message.id === id) ? messages.filter((one) => one.id !== id) : messages;
}

function upsert(messages: readonly Message[], message: Message): readonly Message[] {
  const index = messages.findLastIndex((known) => known.id === message.id);
  return index < 0 ? [...messages, message] : messages.with(index, message);
}

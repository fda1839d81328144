import type { Conversation, RunStatus } from "@/api/types";
import type { NearBudgetTold } from "@/stream/list-store";

/** What somebody may want to be told of, wherever they are. */
export const NOTICE_KINDS = ["done", "needsYou", "failed", "budget"] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

/** What happened, more precisely: a budget is used up, or nearly so. */
export type NoticeEvent = NoticeKind | "budgetLow";

export interface Notice {
  event: NoticeEvent;
  conversation: Conversation;
}

/** The choice that decides whether something is told. */
export const kindOf = (event: NoticeEvent): NoticeKind => (event === "budgetLow" ? "budget" : event);

const EVENTS: Partial<Record<RunStatus, NoticeEvent>> = {
  done: "done",
  waiting_user: "needsYou",
  waiting_approval: "needsYou",
  limit_reached: "failed",
  error: "failed",
};

/** Limits of a budget, which the person has set to be told of; steps only end a run. */
const BUDGET = /^(conversation_\w+|token|cost|time)_limit$/;

/**
 * What has happened between two states of the list. Only what was seen under way counts: a conversation that
 * comes into the list as it is, after a reload or from another page of it, is no news.
 */
export function noticesBetween(before: readonly Conversation[], now: readonly Conversation[]): Notice[] {
  const known = new Map(before.map((conversation) => [conversation.id, conversation.status]));
  return now.flatMap((conversation): Notice[] => {
    const was = known.get(conversation.id);
    const event = eventOf(conversation);
    if (was === undefined || was === conversation.status || !event) return [];
    return [{ event, conversation }];
  });
}

/** What has happened to budgets since `before`; conversations that are not in the list are put away. */
export function nearBetween(
  before: readonly NearBudgetTold[],
  now: readonly NearBudgetTold[],
  items: readonly Conversation[],
): Notice[] {
  const fresh = now.filter((told) => !before.includes(told));
  // A run and its conversation may come near their limits by the same call.
  const ids = new Set(fresh.map(({ conversationId }) => conversationId));
  return items.filter(({ id }) => ids.has(id)).map((conversation) => ({ event: "budgetLow", conversation }));
}

function eventOf({ status, problem }: Conversation): NoticeEvent | undefined {
  if (status === "limit_reached" && BUDGET.test(problem?.code ?? "")) return "budget";
  return EVENTS[status];
}

/** How many conversations wait for the person. */
export function waiting(items: readonly Conversation[]): number {
  return items.filter(({ status }) => EVENTS[status] === "needsYou").length;
}

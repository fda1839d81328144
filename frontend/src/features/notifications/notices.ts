import type { Conversation, RunStatus } from "@/api/types";

/** What somebody may want to be told of, wherever they are. */
export const NOTICE_KINDS = ["done", "needsYou", "failed"] as const;

export type NoticeKind = (typeof NOTICE_KINDS)[number];

export interface Notice {
  kind: NoticeKind;
  conversation: Conversation;
}

const KINDS: Partial<Record<RunStatus, NoticeKind>> = {
  done: "done",
  waiting_user: "needsYou",
  waiting_approval: "needsYou",
  limit_reached: "failed",
  error: "failed",
};

/**
 * What has happened between two states of the list. Only what was seen under way counts: a conversation that
 * comes into the list as it is, after a reload or from another page of it, is no news.
 */
export function noticesBetween(before: readonly Conversation[], now: readonly Conversation[]): Notice[] {
  const known = new Map(before.map((conversation) => [conversation.id, conversation.status]));
  return now.flatMap((conversation): Notice[] => {
    const was = known.get(conversation.id);
    const kind = KINDS[conversation.status];
    if (was === undefined || was === conversation.status || !kind) return [];
    return [{ kind, conversation }];
  });
}

/** How many conversations wait for the person. */
export function waiting(items: readonly Conversation[]): number {
  return items.filter(({ status }) => KINDS[status] === "needsYou").length;
}

import type { Conversation } from "@/api/types";

/** A conversation with the branches that are shown below it. */
export interface Family {
  head: Conversation;
  /** Its branches and theirs, each behind the one that it comes from, newest first. */
  branches: readonly { conversation: Conversation; depth: number }[];
  /** When anything last happened in one of them. */
  updatedAt: number;
}

/** Branches of branches are not indented further than this. */
const DEEPEST = 3;

/**
 * Conversations with their branches. One that `standsAlone` (it runs, or needs somebody) is never hidden below another,
 * nor is a branch of something that is not in the list.
 */
export function families(
  items: readonly Conversation[],
  standsAlone: (item: Conversation) => boolean,
): Family[] {
  const known = new Set(items.map(({ id }) => id));
  const below = new Map<string, Conversation[]>();
  const heads: Conversation[] = [];
  for (const item of items) {
    const parent = item.branch_of;
    if (parent == null || parent === item.id || !known.has(parent) || standsAlone(item)) heads.push(item);
    else below.set(parent, [...(below.get(parent) ?? []), item]);
  }
  return heads.map((head) => {
    const branches: { conversation: Conversation; depth: number }[] = [];
    const collect = (of: string, depth: number) => {
      const children = [...(below.get(of) ?? [])].sort((a, b) => b.updated_at - a.updated_at);
      for (const conversation of children) {
        branches.push({ conversation, depth: Math.min(depth, DEEPEST) });
        collect(conversation.id, depth + 1);
      }
    };
    collect(head.id, 1);
    const times = branches.map(({ conversation }) => conversation.updated_at);
    return { head, branches, updatedAt: Math.max(head.updated_at, ...times) };
  });
}

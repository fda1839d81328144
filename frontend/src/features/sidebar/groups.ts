import { isActive } from "@/api/status";
import type { Conversation } from "@/api/types";

export type GroupName = "waiting" | "running" | "pinned" | "today" | "yesterday" | "older";

export type SidebarRow =
  | { kind: "heading"; key: string; group: GroupName; count: number }
  | { kind: "conversation"; key: string; conversation: Conversation };

/** The list's rows in order: what needs the person first, what runs, what is pinned, then by day. */
export function groupRows(items: readonly Conversation[], now: number): SidebarRow[] {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const groups: Record<GroupName, Conversation[]> = {
    waiting: [],
    running: [],
    pinned: [],
    today: [],
    yesterday: [],
    older: [],
  };
  for (const item of items) groups[groupOf(item, midnight)].push(item);
  const names: GroupName[] = ["waiting", "running", "pinned", "today", "yesterday", "older"];
  return names.flatMap((group) => {
    const members = groups[group];
    if (members.length === 0) return [];
    const heading: SidebarRow = { kind: "heading", key: `group:${group}`, group, count: members.length };
    const rows = members.map(
      (conversation): SidebarRow => ({ kind: "conversation", key: conversation.id, conversation }),
    );
    return [heading, ...rows];
  });
}

function groupOf(item: Conversation, midnight: number): GroupName {
  if (item.status === "waiting_user" || item.status === "waiting_approval") return "waiting";
  if (isActive(item.status)) return "running";
  if (item.pinned) return "pinned";
  if (item.updated_at >= midnight) return "today";
  // A day has 23 to 25 hours; noon of the day before is safely inside it.
  const yesterday = new Date(midnight - 12 * 3_600_000).setHours(0, 0, 0, 0);
  return item.updated_at >= yesterday ? "yesterday" : "older";
}

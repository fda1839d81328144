import { isActive } from "@/api/status";
import type { Conversation, RunStatus } from "@/api/types";
import { type Family, families } from "./families";

export type GroupName = "waiting" | "running" | "pinned" | "today" | "yesterday" | "older";

/** A conversation in the list, and where it stands among its branches. */
export interface PlacedConversation {
  kind: "conversation";
  key: string;
  conversation: Conversation;
  /** How far it is indented: 0, or more for a branch below another conversation. */
  depth: number;
  /** The conversation whose branches it belongs to; its own id where it is none. */
  head: string;
  /** How many branches can be shown below it. */
  branches: number;
  /** Whether they are. */
  open: boolean;
}

export type SidebarRow =
  | { kind: "heading"; key: string; group: GroupName; count: number }
  | PlacedConversation;

const NAMES: readonly GroupName[] = ["waiting", "running", "pinned", "today", "yesterday", "older"];

/** What goes on only when the person does something. */
const WAITING: readonly RunStatus[] = ["waiting_user", "waiting_approval", "paused"];

/**
 * The list's rows in order: what needs the person first, what runs, what is pinned, then by day. Branches are below the
 * conversation that they come from, where `isOpen` says so, and that one stands where the newest of them would.
 */
export function groupRows(
  items: readonly Conversation[],
  now: number,
  isOpen: (family: Family) => boolean = () => false,
): SidebarRow[] {
  const midnight = new Date(now).setHours(0, 0, 0, 0);
  const groups: Record<GroupName, Family[]> = {
    waiting: [],
    running: [],
    pinned: [],
    today: [],
    yesterday: [],
    older: [],
  };
  const standsAlone = (item: Conversation) => ownGroup(item) !== null;
  for (const family of families(items, standsAlone)) {
    groups[ownGroup(family.head) ?? dayOf(family.updatedAt, midnight)].push(family);
  }
  return NAMES.flatMap((group) => {
    const members = groups[group].sort((a, b) => b.updatedAt - a.updatedAt);
    if (members.length === 0) return [];
    const heading: SidebarRow = { kind: "heading", key: `group:${group}`, group, count: members.length };
    return [heading, ...members.flatMap((family) => rowsOf(family, isOpen(family)))];
  });
}

function rowsOf(family: Family, open: boolean): PlacedConversation[] {
  const { head, branches } = family;
  const row = (conversation: Conversation, depth: number): PlacedConversation => ({
    kind: "conversation",
    key: conversation.id,
    conversation,
    depth,
    head: head.id,
    branches: depth === 0 ? branches.length : 0,
    open: depth === 0 && open && branches.length > 0,
  });
  const below = open ? branches.map(({ conversation, depth }) => row(conversation, depth)) : [];
  return [row(head, 0), ...below];
}

/** The group of what is not sorted by day. */
function ownGroup(item: Conversation): "waiting" | "running" | "pinned" | null {
  if (WAITING.includes(item.status)) return "waiting";
  if (isActive(item.status)) return "running";
  return item.pinned ? "pinned" : null;
}

function dayOf(at: number, midnight: number): GroupName {
  if (at >= midnight) return "today";
  // A day has 23 to 25 hours; noon of the day before is safely inside it.
  const yesterday = new Date(midnight - 12 * 3_600_000).setHours(0, 0, 0, 0);
  return at >= yesterday ? "yesterday" : "older";
}

import type { Message, Part } from "@/api/types";
import type { OutboxItem } from "@/stream/outbox";
import { familyOf, isUnderWay } from "./tools/describe";

/** One row of the timeline. */
export type Row =
  | { kind: "user"; key: string; message: Message }
  | { kind: "part"; key: string; part: Part; at: number | null }
  | { kind: "group"; key: string; parts: Part[] }
  | { kind: "unsent"; key: string; item: OutboxItem };

interface Grouping {
  /** Whether consecutive looks are one row. */
  looks: boolean;
  /** Ids of the calls that wait for a decision, which are rows of their own. */
  held: ReadonlySet<string>;
}

const GROUPED: Grouping = { looks: true, held: new Set() };

/** The timeline's rows, oldest first. */
export function timelineRows(
  messages: readonly Message[],
  outbox: readonly OutboxItem[],
  grouping = GROUPED,
): Row[] {
  const rows: Row[] = [];
  let minute = 0;
  for (const message of messages) {
    if (message.role === "user") {
      rows.push({ kind: "user", key: rowKey(message), message });
      minute = minuteOf(message.created_at);
      continue;
    }
    for (const part of message.parts) {
      if (isEmpty(part)) continue;
      // The gutter shows the time where it has changed.
      const at = minuteOf(part.started_at) === minute ? null : part.started_at;
      minute = minuteOf(part.started_at);
      addPart(rows, part, at, grouping);
    }
  }
  for (const item of outbox) rows.push({ kind: "unsent", key: item.clientId, item });
  return rows;
}

/** Ids of the parts that a row shows, and of their messages. */
export function idsOfRow(row: Row): string[] {
  switch (row.kind) {
    case "user":
      return [row.message.id, ...row.message.parts.map((part) => part.id)];
    case "part":
      return [row.part.message_id, row.part.id];
    case "group":
      return row.parts.flatMap((part) => [part.message_id, part.id]);
    case "unsent":
      return [];
  }
}

const minuteOf = (at: number) => Math.floor(at / 60_000);

/** The sender's id, where there is one: the row keeps its identity when its message arrives. */
function rowKey(message: Message): string {
  return message.client_id ?? message.id;
}

function isEmpty({ body }: Part): boolean {
  return (body.type === "text" || body.type === "reasoning") && body.text.trim() === "";
}

function addPart(rows: Row[], part: Part, at: number | null, grouping: Grouping): void {
  const last = rows.at(-1);
  if (isGroupable(part, grouping)) {
    if (last?.kind === "group") {
      last.parts.push(part);
      return;
    }
    if (last?.kind === "part" && isGroupable(last.part, grouping)) {
      // The key stays that of the first call, so that the row stays the same row.
      rows[rows.length - 1] = { kind: "group", key: last.key, parts: [last.part, part] };
      return;
    }
  }
  rows.push({ kind: "part", key: part.id, part, at });
}

/**
 * Calls that only look at something and have not failed. They are in the group from their beginning: a row that came for as long
 * as they go on would have all above it jump back.
 */
function isGroupable({ body }: Part, { looks, held }: Grouping): boolean {
  if (!looks || body.type !== "tool" || held.has(body.call_id)) return false;
  const family = familyOf(body);
  const isLook = family === "read" || family === "search" || family === "list";
  return isLook && (body.status === "ok" || isUnderWay(body));
}

import type { Message, Part, ToolPart } from "@/api/types";
import type { OutboxItem } from "@/stream/outbox";
import { familyOf } from "./tools/describe";

/** One row of the timeline. */
export type Row =
  | { kind: "user"; key: string; message: Message }
  | { kind: "part"; key: string; part: Part; at: number | null }
  | { kind: "group"; key: string; parts: Part[] }
  | { kind: "unsent"; key: string; item: OutboxItem };

/** The timeline's rows, oldest first; consecutive looks are one row where `groups` says so. */
export function timelineRows(
  messages: readonly Message[],
  outbox: readonly OutboxItem[],
  groups = true,
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
      addPart(rows, part, at, groups);
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

function addPart(rows: Row[], part: Part, at: number | null, groups: boolean): void {
  const last = rows.at(-1);
  if (groups && part.body.type === "tool" && isGroupable(part.body)) {
    if (last?.kind === "group") {
      last.parts.push(part);
      return;
    }
    if (last?.kind === "part" && last.part.body.type === "tool" && isGroupable(last.part.body)) {
      // The key stays that of the first call, so that the row stays the same row.
      rows[rows.length - 1] = { kind: "group", key: last.key, parts: [last.part, part] };
      return;
    }
  }
  rows.push({ kind: "part", key: part.id, part, at });
}

/** Calls that only looked at something, successfully; anything else is shown on its own. */
function isGroupable(tool: ToolPart): boolean {
  const family = familyOf(tool);
  return tool.status === "ok" && (family === "read" || family === "search" || family === "list");
}

import { memo, type ReactNode } from "react";
import { formatTime } from "@/i18n/units";
import { Notice } from "./notice";
import { Reasoning } from "./reasoning";
import type { Row } from "./rows";
import { TextPart } from "./text-part";
import { ToolCard } from "./tools/tool-card";
import { ToolGroup } from "./tools/tool-group";
import { UnsentTurn } from "./unsent-turn";
import { UserTurn } from "./user-turn";

/** One row of the timeline, with the time in its gutter. */
export const RowView = memo(
  function RowView({ row }: { row: Row }) {
    switch (row.kind) {
      case "user":
        return <UserTurn message={row.message} />;
      case "unsent":
        return <UnsentTurn item={row.item} />;
      case "group":
        return (
          <Gutter>
            <ToolGroup parts={row.parts} />
          </Gutter>
        );
      case "part":
        return (
          <Gutter at={row.at}>
            <PartView row={row} />
          </Gutter>
        );
    }
  },
  (before, after) => sameRow(before.row, after.row),
);

function PartView({ row }: { row: Row & { kind: "part" } }) {
  const { part } = row;
  switch (part.body.type) {
    case "text":
      return <TextPart text={part.body.text} live={part.state === "streaming"} />;
    case "reasoning":
      return <Reasoning part={part} text={part.body.text} />;
    case "tool":
      return <ToolCard part={part} tool={part.body} />;
    case "notice":
      return (
        <Notice level={part.body.level} text={part.body.text} conversationId={part.body.conversation_id} />
      );
  }
}

/** The row's place beside the time; narrow screens have no room for a gutter. */
export function Gutter({ at, children }: { at?: number | null; children: ReactNode }) {
  return (
    <div className="md:grid md:grid-cols-[52px_minmax(0,1fr)]">
      <span className="pt-1 text-11 text-text-3 max-md:hidden">{at != null && formatTime(at)}</span>
      <div className="min-w-0 py-0.5">{children}</div>
    </div>
  );
}

function sameRow(a: Row, b: Row): boolean {
  if (a.kind === "part" && b.kind === "part") return a.part === b.part && a.at === b.at;
  if (a.kind === "group" && b.kind === "group") {
    return a.parts.length === b.parts.length && a.parts.every((part, index) => part === b.parts[index]);
  }
  if (a.kind === "user" && b.kind === "user") return a.message === b.message;
  return a.kind === "unsent" && b.kind === "unsent" && a.item === b.item;
}

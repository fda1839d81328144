import type { ToolPart, ToolPartStatus } from "@/api/types";
import { t } from "@/i18n";
import { useConversation } from "@/stream/react";
import { Glyph, type Shape } from "@/ui/glyph";
import { exitCode, isUnderWay } from "./describe";

interface Look {
  shape: Shape;
  colour: string;
}

const LOOKS: Record<ToolPartStatus, Look> = {
  proposed: { shape: "dots", colour: "text-text-3" },
  running: { shape: "disc", colour: "text-accent" },
  ok: { shape: "check", colour: "text-ok" },
  error: { shape: "cross", colour: "text-error" },
  denied: { shape: "barred", colour: "text-waiting" },
  stopped: { shape: "square", colour: "text-text-3" },
  timed_out: { shape: "clock", colour: "text-waiting" },
  interrupted: { shape: "columns", colour: "text-waiting" },
};

const ASKS: Look = { shape: "triangle", colour: "text-waiting" };

function lookOf(tool: ToolPart, waits: boolean): Look {
  if (waits) return ASKS;
  const failedCommand = tool.status === "ok" && (exitCode(tool) ?? 0) !== 0;
  return failedCommand ? LOOKS.error : LOOKS[tool.status];
}

/** Where a tool call stands, by shape and in words; success needs no words. */
export function ToolStatusMark({ tool }: { tool: ToolPart }) {
  // Only a call that has not begun can wait for approval; all others need not follow that.
  return tool.status === "proposed" ? <ProposedMark tool={tool} /> : <Mark tool={tool} held={false} />;
}

function ProposedMark({ tool }: { tool: ToolPart }) {
  const held = useConversation(({ state }) =>
    state?.approvals.some(({ call_id }) => call_id === tool.call_id),
  );
  return <Mark tool={tool} held={held ?? false} />;
}

function Mark({ tool, held }: { tool: ToolPart; held: boolean }) {
  const asks = tool.name === "ask_user" && isUnderWay(tool);
  const { shape, colour } = lookOf(tool, asks || held);
  const other = asks ? t("question.waiting") : t(`tool.${tool.status}`);
  return (
    <span className={`inline-flex items-center gap-1 text-12 ${colour}`}>
      <Glyph of={shape} />
      <span className={tool.status === "ok" ? "sr-only" : undefined}>
        {held ? t("approval.waiting") : other}
      </span>
    </span>
  );
}

import type { ToolPart, ToolPartStatus } from "@/api/types";
import { t } from "@/i18n";
import { useConversation } from "@/stream/react";
import { exitCode, isUnderWay } from "./describe";

interface Look {
  shape: string;
  colour: string;
}

const LOOKS: Record<ToolPartStatus, Look> = {
  proposed: { shape: "◌", colour: "text-text-3" },
  running: { shape: "●", colour: "text-accent" },
  ok: { shape: "✓", colour: "text-ok" },
  error: { shape: "✕", colour: "text-error" },
  denied: { shape: "⊘", colour: "text-waiting" },
  stopped: { shape: "■", colour: "text-text-3" },
  timed_out: { shape: "◷", colour: "text-waiting" },
  interrupted: { shape: "◫", colour: "text-waiting" },
};

const ASKS: Look = { shape: "▲", colour: "text-waiting" };

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
      <span aria-hidden="true" className="inline-block w-3 text-center">
        {shape}
      </span>
      <span className={tool.status === "ok" ? "sr-only" : undefined}>
        {held ? t("approval.waiting") : other}
      </span>
    </span>
  );
}

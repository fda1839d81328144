import type { ToolPart, ToolPartStatus } from "@/api/types";
import { t } from "@/i18n";
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

function lookOf(tool: ToolPart): Look {
  if (tool.name === "ask_user" && isUnderWay(tool)) return ASKS;
  const failedCommand = tool.status === "ok" && (exitCode(tool) ?? 0) !== 0;
  return failedCommand ? LOOKS.error : LOOKS[tool.status];
}

/** Where a tool call stands, by shape and in words; success needs no words. */
export function ToolStatusMark({ tool }: { tool: ToolPart }) {
  const { shape, colour } = lookOf(tool);
  const asks = tool.name === "ask_user" && isUnderWay(tool);
  const words = asks ? t("question.waiting") : t(`tool.${tool.status}`);
  return (
    <span className={`inline-flex items-center gap-1 text-12 ${colour}`}>
      <span aria-hidden="true" className="inline-block w-3 text-center">
        {shape}
      </span>
      <span className={tool.status === "ok" ? "sr-only" : undefined}>{words}</span>
    </span>
  );
}

import type { ToolPart, ToolPartStatus } from "@/api/types";
import { t } from "@/i18n";
import { exitCode } from "./describe";

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

/** Where a tool call stands, by shape and in words; success needs no words. */
export function ToolStatusMark({ tool }: { tool: ToolPart }) {
  const failedCommand = tool.status === "ok" && (exitCode(tool) ?? 0) !== 0;
  const { shape, colour } = failedCommand ? LOOKS.error : LOOKS[tool.status];
  const words = t(`tool.${tool.status}`);
  return (
    <span className={`inline-flex items-center gap-1 text-12 ${colour}`}>
      <span aria-hidden="true" className="inline-block w-3 text-center">
        {shape}
      </span>
      <span className={tool.status === "ok" ? "sr-only" : undefined}>{words}</span>
    </span>
  );
}

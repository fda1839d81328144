import { ChevronRight } from "lucide-react";
import { memo, use, useRef } from "react";
import type { Part, ToolPart, ToolPartStatus } from "@/api/types";
import { t } from "@/i18n";
import { formatDuration } from "@/i18n/units";
import { DecisionSlot } from "@/ui/call/decision-slot";
import { readDiff } from "@/ui/call/diff-data";
import { withoutDirections } from "@/ui/directions";
import { Icon } from "@/ui/icon";
import { usePreference } from "@/ui/preferences";
import { useNow } from "@/ui/use-now";
import { useOpened } from "../opened";
import { useRevealed } from "../reveal";
import { type Description, describe, exitCode, type Family, isUnderWay } from "./describe";
import { ToolDetails } from "./details";
import { ShellOutput } from "./shell-output";
import { ToolStatusMark } from "./status";

interface ToolCardProps {
  part: Part;
  tool: ToolPart;
}

/** A tool call: one quiet line, more on request; a command shows its live output by itself. */
export const ToolCard = memo(function ToolCard({ part, tool }: ToolCardProps) {
  const description = describe(tool);
  const [chosen, choose] = useOpened(part.id);
  const all = usePreference("calls") === "full";
  const revealed = useRevealed(part.id);
  const decision = use(DecisionSlot);
  // What it has shown by itself it does not take away: everything above would jump while somebody reads it.
  const shown = useRef(false);
  shown.current ||= opensByItself(tool, description);
  const open = chosen ?? (revealed || all || shown.current);
  return (
    <div data-testid="tool-card" data-status={tool.status} data-tool={tool.name} data-cut={isCut(tool)}>
      <ToolLine
        part={part}
        tool={tool}
        description={description}
        open={open}
        onToggle={() => choose(!open)}
      />
      {tool.status === "proposed" && decision(tool.call_id)}
      {!open && <Reason tool={tool} family={description.family} />}
      {open && (
        <div className="flex flex-col gap-2 pt-1 pb-2 pl-6 max-md:pl-0">
          {description.family === "shell" ? (
            <ShellOutput tool={tool} command={description.target} />
          ) : (
            <ToolDetails tool={tool} family={description.family} />
          )}
        </div>
      )}
    </div>
  );
});

/** A diff of up to this many lines is shown without being asked for. */
const SMALL_DIFF_LINES = 30;

/** Running commands show what they print, failed ones what went wrong, small edits what they change, looks what is there. */
function opensByItself(tool: ToolPart, { family }: Description): boolean {
  if (family === "shell")
    return tool.status !== "proposed" && (isUnderWay(tool) || (exitCode(tool) ?? 0) !== 0);
  if (tool.images?.length) return true;
  const diff = tool.name === "edit_file" ? readDiff(tool.data) : null;
  return diff !== null && diff.hunks.reduce((sum, hunk) => sum + hunk.lines.length, 0) <= SMALL_DIFF_LINES;
}

interface ToolLineProps extends ToolCardProps {
  description: Description;
  open: boolean;
  onToggle: () => void;
}

function ToolLine({ part, tool, description, open, onToggle }: ToolLineProps) {
  const { icon, verb, target, hint, family } = description;
  const failed = family === "shell" && (exitCode(tool) ?? 0) !== 0;
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={onToggle}
      className="group/line tap -ml-1.5 flex w-full min-w-0 items-center gap-2 rounded-control px-1.5 text-left text-text-2 hover:bg-hover"
    >
      <Icon of={icon} className="shrink-0 text-text-3" />
      <span className={family === "shell" ? "font-mono text-text-3" : "shrink-0"}>{verb}</span>
      <span className="min-w-0 truncate font-mono text-12 text-text">{firstLine(target)}</span>
      {hint && (
        <span data-testid="tool-hint" className={`shrink-0 text-12 ${failed ? "text-error" : "text-text-3"}`}>
          <Hint text={hint} />
        </span>
      )}
      <span className="ml-auto flex shrink-0 items-center gap-2 pl-2">
        {isCut(tool) && <span className="text-12 text-text-3">{t("tool.cut")}</span>}
        <ToolStatusMark tool={tool} />
        <Duration part={part} tool={tool} />
        <Icon
          of={ChevronRight}
          className={`text-text-3 transition-transform duration-100 ${open ? "rotate-90" : ""}`}
        />
      </span>
    </button>
  );
}

/** Why a call came to nothing, in a line; a command's output says it, and its card opens by itself. */
function Reason({ tool, family }: { tool: ToolPart; family: Family }) {
  const why = FRUITLESS.has(tool.status) && family !== "shell" ? firstLine(tool.result ?? "") : "";
  if (why === "") return null;
  return (
    <p data-testid="tool-reason" className="truncate pb-1 pl-6 text-12 text-text-2 max-md:pl-0">
      {withoutDirections(why)}
    </p>
  );
}

const FRUITLESS: ReadonlySet<ToolPartStatus> = new Set(["error", "denied", "timed_out", "interrupted"]);

/** Whether more was printed than is kept at hand. */
const isCut = ({ output }: ToolPart): boolean => (output?.omitted_bytes ?? 0) > 0;

/** Numbers of added and removed lines in their colours. */
function Hint({ text }: { text: string }) {
  const change = /^(\+\d+) (−\d+)$/.exec(text);
  if (!change) return text;
  return (
    <>
      <span className="text-ok">{change[1]}</span> <span className="text-error">{change[2]}</span>
    </>
  );
}

function Duration({ part, tool }: ToolCardProps) {
  const running = tool.status === "running";
  const now = useNow(running);
  const ms = running ? now - part.started_at : tool.duration_ms;
  if (ms == null || tool.status === "proposed") return null;
  return (
    <span className="w-16 whitespace-nowrap text-right text-12 text-text-3 max-md:w-auto">
      {formatDuration(Math.max(0, ms))}
    </span>
  );
}

function firstLine(text: string): string {
  const end = text.indexOf("\n");
  return end < 0 ? text : `${text.slice(0, end)} …`;
}

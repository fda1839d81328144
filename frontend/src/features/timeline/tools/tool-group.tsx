import { ChevronRight, Layers2 } from "lucide-react";
import { memo } from "react";
import type { Part, ToolPart } from "@/api/types";
import { t } from "@/i18n";
import { formatDuration } from "@/i18n/units";
import { Icon } from "@/ui/icon";
import { isOpened, useOpened } from "../opened";
import { useRevealed } from "../reveal";
import { describe, familyOf, isUnderWay } from "./describe";
import { ToolStatusMark } from "./status";
import { ToolCard } from "./tool-card";

/** Consecutive calls that only look at things, in one line. */
export const ToolGroup = memo(
  function ToolGroup({ parts }: { parts: readonly Part[] }) {
    const [chosen, choose] = useOpened(`group:${parts[0]?.id}`);
    const revealed = useRevealed(...parts.map((part) => part.id));
    // What was open before others joined it stays so.
    const open = chosen ?? (revealed || parts.some(({ id }) => isOpened(id)));
    const tools = parts.flatMap(({ body }) => (body.type === "tool" ? [body] : []));
    const current = tools.findLast(isUnderWay);
    const mark = current ?? tools.at(-1);
    return (
      <div data-testid="tool-group">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => choose(!open)}
          className="tap -ml-1.5 flex w-full items-center gap-2 rounded-control px-1.5 text-left text-text-2 hover:bg-hover"
        >
          <Icon of={Layers2} className="shrink-0 text-text-3" />
          <span className="max-w-2/3 shrink-0 truncate">{summary(tools)}</span>
          {current && <Current tool={current} />}
          <span className="ml-auto flex shrink-0 items-center gap-2 text-12 text-text-3">
            {mark && <ToolStatusMark tool={mark} />}
            <span className="w-16 whitespace-nowrap text-right max-md:w-auto">
              {formatDuration(total(tools))}
            </span>
            <Icon
              of={ChevronRight}
              className={`transition-transform duration-100 ${open ? "rotate-90" : ""}`}
            />
          </span>
        </button>
        {open && (
          <div className="border-l border-line pl-3">
            {parts.map(
              (part) => part.body.type === "tool" && <ToolCard key={part.id} part={part} tool={part.body} />,
            )}
          </div>
        )}
      </div>
    );
  },
  (before, after) =>
    before.parts.length === after.parts.length &&
    before.parts.every((part, index) => part === after.parts[index]),
);

/** What goes on just now. */
function Current({ tool }: { tool: ToolPart }) {
  return <span className="min-w-0 truncate font-mono text-12 text-text-3">{describe(tool).target}</span>;
}

function summary(tools: readonly ToolPart[]): string {
  const count = { read: 0, search: 0, list: 0 };
  for (const tool of tools) {
    const family = familyOf(tool);
    if (family === "read" || family === "search" || family === "list") count[family] += 1;
  }
  return [
    count.read > 0 && t("tool.groupReads", { n: count.read }),
    count.search > 0 && t("tool.groupSearches", { n: count.search }),
    count.list > 0 && t("tool.groupLists", { n: count.list }),
  ]
    .filter(Boolean)
    .join(", ");
}

const total = (tools: readonly ToolPart[]) =>
  tools.reduce((sum, { duration_ms }) => sum + (duration_ms ?? 0), 0);

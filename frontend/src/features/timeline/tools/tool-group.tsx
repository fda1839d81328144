import { ChevronRight, Layers2 } from "lucide-react";
import { memo } from "react";
import type { Part } from "@/api/types";
import { t } from "@/i18n";
import { formatDuration } from "@/i18n/units";
import { Glyph } from "@/ui/glyph";
import { Icon } from "@/ui/icon";
import { useOpened } from "../opened";
import { useRevealed } from "../reveal";
import { familyOf } from "./describe";
import { ToolCard } from "./tool-card";

/** Consecutive calls that only looked at things, in one line. */
export const ToolGroup = memo(
  function ToolGroup({ parts }: { parts: readonly Part[] }) {
    const [chosen, choose] = useOpened(`group:${parts[0]?.id}`);
    const revealed = useRevealed(...parts.map((part) => part.id));
    const open = chosen ?? revealed;
    return (
      <div data-testid="tool-group">
        <button
          type="button"
          aria-expanded={open}
          onClick={() => choose(!open)}
          className="tap -ml-1.5 flex w-full items-center gap-2 rounded-control px-1.5 text-left text-text-2 hover:bg-hover"
        >
          <Icon of={Layers2} className="text-text-3" />
          <span className="truncate">{summary(parts)}</span>
          <span className="ml-auto flex items-center gap-2 text-12 text-text-3">
            <span className="text-ok">
              <Glyph of="check" />
              <span className="sr-only">{t("tool.ok")}</span>
            </span>
            <span className="w-16 text-right max-md:w-auto">{formatDuration(total(parts))}</span>
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

function summary(parts: readonly Part[]): string {
  const count = { read: 0, search: 0, list: 0 };
  for (const { body } of parts) {
    const family = body.type === "tool" ? familyOf(body) : "other";
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

function total(parts: readonly Part[]): number {
  return parts.reduce((sum, { body }) => sum + (body.type === "tool" ? (body.duration_ms ?? 0) : 0), 0);
}

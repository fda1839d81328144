import { Brain, ChevronRight } from "lucide-react";
import { useState } from "react";
import type { Part } from "@/api/types";
import { t } from "@/i18n";
import { formatDuration } from "@/i18n/units";
import { Icon } from "@/ui/icon";
import { useNow } from "@/ui/use-now";

/** The model's reasoning: one line, the newest sentence while it goes on, everything on request. */
export function Reasoning({ part, text }: { part: Part; text: string }) {
  const [open, setOpen] = useState(false);
  const live = part.state === "streaming";
  const now = useNow(live);
  const ms = Math.max(0, (live ? now : (part.ended_at ?? part.started_at)) - part.started_at);
  return (
    <div data-testid="part-reasoning">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
        className="tap -ml-1.5 flex w-full min-w-0 items-center gap-2 rounded-control px-1.5 text-left text-text-3 hover:bg-hover"
      >
        <Icon of={Brain} className="shrink-0" />
        <span className="shrink-0">
          {live ? t("timeline.thinking") : t("timeline.thought", { duration: formatDuration(ms) })}
        </span>
        {live && <span className="min-w-0 flex-1 truncate italic">{lastSentence(text)}</span>}
        <span className="ml-auto flex shrink-0 items-center gap-2 text-12">
          {live && formatDuration(ms)}
          <Icon
            of={ChevronRight}
            className={`transition-transform duration-100 ${open ? "rotate-90" : ""}`}
          />
        </span>
      </button>
      {open && (
        <div className="max-h-96 max-w-[84ch] overflow-y-auto border-l border-line py-1 pl-4 whitespace-pre-wrap text-text-2">
          {text}
        </div>
      )}
    </div>
  );
}

/** The newest sentence that has at least begun. */
export function lastSentence(text: string): string {
  const flat = text.slice(-400).replaceAll(/\s+/g, " ").trim();
  const start = flat.search(/[^.!?]+[.!?]*$/);
  return start < 0 ? flat : flat.slice(start).trim();
}

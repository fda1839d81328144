import { Brain, ChevronRight } from "lucide-react";
import type { Part } from "@/api/types";
import { t } from "@/i18n";
import { formatDuration, formatTokens } from "@/i18n/units";
import { Icon } from "@/ui/icon";
import { usePreference } from "@/ui/preferences";
import { useNow } from "@/ui/use-now";
import { useOpened } from "./opened";
import { useRevealed } from "./reveal";

/** Characters of a token, roughly: providers tell reasoning tokens for a whole answer only. */
const CHARS_OF_TOKEN = 4;

/** The model's reasoning: one line, the newest sentence while it goes on, everything on request. */
export function Reasoning({ part, text }: { part: Part; text: string }) {
  const live = part.state === "streaming";
  const [chosen, choose] = useOpened(part.id);
  const prefers = usePreference("thinking") === "expanded" && !live;
  const revealed = useRevealed(part.id);
  const open = chosen ?? (revealed || prefers);
  const now = useNow(live);
  const ms = Math.max(0, (live ? now : (part.ended_at ?? part.started_at)) - part.started_at);
  return (
    <div data-testid="part-reasoning">
      <button
        type="button"
        aria-expanded={open}
        onClick={() => choose(!open)}
        className="tap -ml-1.5 flex w-full min-w-0 items-center gap-2 rounded-control px-1.5 text-left text-text-3 hover:bg-hover"
      >
        <Icon of={Brain} className="shrink-0" />
        <span className="shrink-0">
          {live ? t("timeline.thinking") : t("timeline.thought", { duration: formatDuration(ms) })}
        </span>
        {live && <span className="min-w-0 flex-1 truncate italic">{lastSentence(text)}</span>}
        <span className="ml-auto flex shrink-0 items-center gap-2 text-12">
          {live ? formatDuration(ms) : t("timeline.thoughtTokens", { tokens: formatTokens(tokensOf(text)) })}
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

const tokensOf = (text: string) => Math.max(1, Math.round(text.length / CHARS_OF_TOKEN));

/** The newest sentence that has at least begun. */
export function lastSentence(text: string): string {
  const flat = text.slice(-400).replaceAll(/\s+/g, " ").trim();
  const start = flat.search(/[^.!?]+[.!?]*$/);
  return start < 0 ? flat : flat.slice(start).trim();
}

import { Link } from "@tanstack/react-router";
import { ChevronLeft, ChevronRight } from "lucide-react";
import type { ReactNode } from "react";
import type { Wording } from "@/api/types";
import { t } from "@/i18n";
import { useConversation } from "@/stream/react";
import { Icon } from "@/ui/icon";

const NONE: never[] = [];

/** Which wording of a message this is, and the ways to the others; nothing when there is only one. */
export function WordingNav({ messageId }: { messageId: string }) {
  const wordings = useConversation(({ state }) => state?.wordings ?? NONE);
  const all = wordings.find((one) => one.message_id === messageId)?.all ?? NONE;
  const place = all.findIndex((one) => one.message_id === messageId);
  if (place < 0 || all.length < 2) return null;
  return (
    <nav aria-label={t("timeline.wordings")} data-testid="wordings" className="flex items-center text-12">
      <Way to={all[place - 1]} label={t("timeline.wordingBefore")}>
        <Icon of={ChevronLeft} />
      </Way>
      <span className="px-0.5 text-text-3 tabular-nums">
        {t("timeline.wording", { n: place + 1, all: all.length })}
      </span>
      <Way to={all[place + 1]} label={t("timeline.wordingAfter")}>
        <Icon of={ChevronRight} />
      </Way>
    </nav>
  );
}

const SHAPE =
  "inline-flex size-7 items-center justify-center rounded-control pointer-coarse:size-11 focus-visible:opacity-100";

function Way({ to, label, children }: { to: Wording | undefined; label: string; children: ReactNode }) {
  if (!to) {
    return (
      <span aria-hidden="true" className={`${SHAPE} text-text-3 opacity-50`}>
        {children}
      </span>
    );
  }
  return (
    <Link
      to="/c/$id"
      params={{ id: to.conversation_id }}
      search={(now) => ({ ...now, m: to.message_id })}
      aria-label={label}
      title={label}
      className={`${SHAPE} text-text-2 hover:bg-hover hover:text-text`}
    >
      {children}
    </Link>
  );
}

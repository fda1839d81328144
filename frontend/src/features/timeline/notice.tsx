import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { NoticeLevel } from "@/api/types";
import { t } from "@/i18n";
import { Glyph } from "@/ui/glyph";

const LOOKS: Record<NoticeLevel, { shape: ReactNode; colour: string }> = {
  info: { shape: "i", colour: "text-text-3" },
  warning: { shape: <Glyph of="triangle" />, colour: "text-waiting" },
  error: { shape: <Glyph of="cross" />, colour: "text-error" },
};

interface NoticeProps {
  level: NoticeLevel;
  text: string;
  /** The conversation that it speaks of. */
  conversationId?: string | null;
}

/** Something that Slipway itself has to say. */
export function Notice({ level, text, conversationId }: NoticeProps) {
  const { shape, colour } = LOOKS[level];
  return (
    <p data-testid="notice" data-level={level} className="flex max-w-[84ch] gap-2 py-1 text-text-2">
      <span aria-hidden="true" className={`w-4 shrink-0 text-center ${colour}`}>
        {shape}
      </span>
      <span className="whitespace-pre-wrap">
        {text}
        {conversationId != null && (
          <>
            {" "}
            <Link
              data-testid="notice-link"
              to="/c/$id"
              params={{ id: conversationId }}
              className="text-accent underline"
            >
              {t("timeline.openConversation")}
            </Link>
          </>
        )}
      </span>
    </p>
  );
}

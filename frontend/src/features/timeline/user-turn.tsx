import type { ReactNode } from "react";
import type { Message } from "@/api/types";
import { t } from "@/i18n";
import { formatTime } from "@/i18n/units";
import { CopyButton } from "@/ui/copy-button";

/** What the person said. */
export function UserTurn({ message }: { message: Message }) {
  const text = message.parts.map(({ body }) => (body.type === "text" ? body.text : "")).join("\n");
  return (
    <TurnFrame at={message.created_at}>
      <div className="group/turn relative">
        <p className="max-w-[84ch] text-14 font-medium break-words whitespace-pre-wrap">{text}</p>
        {(message.attachments ?? []).map((attachment) => (
          <p key={attachment.path} className="text-12 text-text-3">
            {t("timeline.attachment", { path: attachment.path })}
          </p>
        ))}
        <div className="absolute -top-1 right-0 opacity-0 group-focus-within/turn:opacity-100 group-hover/turn:opacity-100">
          <CopyButton text={() => text} className="bg-canvas" />
        </div>
      </div>
    </TurnFrame>
  );
}

/** The frame that sets what the person says apart: a hairline above, a time beside. */
export function TurnFrame({ at, children }: { at: number; children: ReactNode }) {
  return (
    <div
      data-testid="turn-user"
      className="mt-5 mb-1.5 border-t border-line pt-3 md:grid md:grid-cols-[52px_minmax(0,1fr)]"
    >
      <span className="flex gap-2 text-11 leading-[22px] text-text-3 md:flex-col md:gap-0 md:leading-4">
        <span className="font-medium text-text-2 md:pt-[3px]">{t("timeline.you")}</span>
        <span>{formatTime(at)}</span>
      </span>
      <div className="min-w-0">{children}</div>
    </div>
  );
}

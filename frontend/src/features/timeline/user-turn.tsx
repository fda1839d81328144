import { Pencil } from "lucide-react";
import { type ReactNode, Suspense } from "react";
import type { Message } from "@/api/types";
import { t } from "@/i18n";
import { formatTime } from "@/i18n/units";
import { IconButton } from "@/ui/button";
import { CopyButton } from "@/ui/copy-button";
import { Icon } from "@/ui/icon";
import { lazyPart } from "@/ui/lazy-part";
import { keepEditDraft, useIsEdited } from "./edit-drafts";
import { WordingNav } from "./wording-nav";

const EditTurn = lazyPart(() => import("./edit-turn"));
const TurnState = lazyPart(() => import("./turn-state"), { otherwise: "quiet" });

/** What can be done with a message shows where somebody points at it, or has the focus in it. */
const QUIET =
  "opacity-0 group-focus-within/turn:opacity-100 group-hover/turn:opacity-100 pointer-coarse:opacity-100";

/** What the person said; it can be put in other words, and leads to those in which it was. */
export function UserTurn({ message }: { message: Message }) {
  const text = textOf(message);
  const editing = useIsEdited(message.id);
  const close = () => keepEditDraft(message.id, null);
  return (
    <TurnFrame
      at={message.created_at}
      mark={
        <Suspense>
          <TurnState message={message} hidden={QUIET} />
        </Suspense>
      }
    >
      {editing ? (
        <Suspense fallback={<Said text={text} />}>
          <EditTurn message={message} text={text} onClose={close} />
        </Suspense>
      ) : (
        <div className="relative">
          <Said text={text} />
          {(message.attachments ?? []).map((attachment) => (
            <p key={attachment.path} className="text-12 text-text-3">
              {t("timeline.attachment", { path: attachment.path })}
            </p>
          ))}
          <div className="absolute -top-1 right-0 flex">
            <IconButton
              label={t("timeline.edit")}
              className={`bg-canvas ${QUIET}`}
              onClick={() => keepEditDraft(message.id, text)}
            >
              <Icon of={Pencil} />
            </IconButton>
            <CopyButton text={() => text} className={`bg-canvas ${QUIET}`} />
          </div>
        </div>
      )}
      <WordingNav messageId={message.id} />
    </TurnFrame>
  );
}

/** What a message of the person says. */
export function textOf(message: Message): string {
  return message.parts.map(({ body }) => (body.type === "text" ? body.text : "")).join("\n");
}

function Said({ text }: { text: string }) {
  return <p className="max-w-[84ch] text-14 font-medium break-words whitespace-pre-wrap">{text}</p>;
}

interface TurnFrameProps {
  at: number;
  /** What stands beside the person's name. */
  mark?: ReactNode;
  children: ReactNode;
}

/** The frame that sets what the person says apart: a hairline above, a time beside. */
export function TurnFrame({ at, mark, children }: TurnFrameProps) {
  return (
    <div
      data-testid="turn-user"
      className="group/turn mt-5 mb-1.5 border-t border-line pt-3 md:grid md:grid-cols-[52px_minmax(0,1fr)]"
    >
      <span className="flex gap-2 text-11 leading-[22px] text-text-3 md:flex-col md:gap-0 md:leading-4">
        <span className="flex items-center gap-1 font-medium text-text-2 md:pt-[3px]">
          {t("timeline.you")}
          {mark}
        </span>
        <span>{formatTime(at)}</span>
      </span>
      <div className="min-w-0">{children}</div>
    </div>
  );
}

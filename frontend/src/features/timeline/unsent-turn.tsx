import { useState } from "react";
import { t } from "@/i18n";
import type { OutboxItem } from "@/stream/outbox";
import { useConversationStore } from "@/stream/react";
import { Button } from "@/ui/button";
import { Glyph } from "@/ui/glyph";
import { TurnFrame } from "./user-turn";

/** A message on its way, or one that could not be sent: its text is never lost. */
export function UnsentTurn({ item }: { item: OutboxItem }) {
  const [at] = useState(Date.now);
  return (
    <TurnFrame at={at}>
      <div data-testid="unsent" data-state={item.problem ? "refused" : item.waiting ? "waiting" : "sending"}>
        <p className="max-w-[84ch] text-14 font-medium break-words whitespace-pre-wrap text-text-2">
          {item.text}
        </p>
        <Fate item={item} />
      </div>
    </TurnFrame>
  );
}

function Fate({ item }: { item: OutboxItem }) {
  const store = useConversationStore();
  const discard = (
    <Button kind="quiet" onClick={() => store.discard(item.clientId)}>
      {t("timeline.discard")}
    </Button>
  );
  if (item.problem) {
    return (
      <div role="alert" className="flex flex-wrap items-center gap-2 pt-1">
        <span className="text-error">
          <Glyph of="cross" /> {t("timeline.unsent")}: {item.problem.title}
          {item.problem.hint && ` – ${item.problem.hint}`}
        </span>
        <Button onClick={() => void store.retry(item.clientId)}>{t("action.retry")}</Button>
        {discard}
      </div>
    );
  }
  if (item.waiting) {
    return (
      <div role="status" className="flex flex-wrap items-center gap-2 pt-1">
        <span className="text-waiting">
          <Glyph of="half" /> {t("timeline.waitsToBeSent")}
        </span>
        {discard}
      </div>
    );
  }
  return <p className="text-12 text-text-3">{t("timeline.sending")}</p>;
}

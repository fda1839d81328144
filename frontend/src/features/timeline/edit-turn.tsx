import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { isActive } from "@/api/status";
import type { Message } from "@/api/types";
import { t } from "@/i18n";
import { tb } from "@/i18n/en-branches";
import { useConversation } from "@/stream/react";
import { Button } from "@/ui/button";
import { BranchDialog } from "./branch-dialog";
import { editDraft, keepEditDraft } from "./edit-drafts";
import { useBranch } from "./use-branch";

/** Key code that browsers report for keys that an input method handles. */
const COMPOSING_KEY_CODE = 229;

interface EditTurnProps {
  message: Message;
  text: string;
  onClose: () => void;
}

/** A message of the person's, to be put in other words in its place. */
export default function EditTurn({ message, text, onClose }: EditTurnProps) {
  const [words, setWords] = useState(() => editDraft(message.id) ?? text);
  const area = useRef<HTMLTextAreaElement>(null);
  const working = useConversation(({ state }) => isActive(state?.conversation.status ?? "idle"));
  const { send, question, busy, answer } = useBranch(message);
  useEffect(() => area.current?.focus(), []);
  useEffect(() => keepEditDraft(message.id, words), [message.id, words]);
  const close = () => {
    keepEditDraft(message.id, null);
    onClose();
  };
  const isReady = words.trim() !== "" && !busy && !working;
  const submit = () => isReady && void send(words, close);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing || event.keyCode === COMPOSING_KEY_CODE) return;
    if (event.key === "Escape") {
      event.preventDefault();
      close();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      submit();
    }
  };
  return (
    <div data-testid="edit-turn" className="flex max-w-[84ch] flex-col gap-2">
      <textarea
        ref={area}
        rows={Math.min(12, words.split("\n").length + 1)}
        aria-label={tb("label")}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={onKeyDown}
        className="w-full resize-y rounded-control border border-line-strong bg-surface px-2 py-1.5 text-14 text-text pointer-coarse:text-[16px]"
      />
      <div className="flex flex-wrap items-center gap-2">
        <p className="min-w-0 flex-1 text-12 text-text-3">{working ? tb("busy") : tb("help")}</p>
        <Button onClick={close}>{t("action.cancel")}</Button>
        <Button kind="primary" disabled={!isReady} onClick={submit}>
          {tb("send")}
        </Button>
      </div>
      {question && <BranchDialog question={question} busy={busy} onAnswer={answer} />}
    </div>
  );
}

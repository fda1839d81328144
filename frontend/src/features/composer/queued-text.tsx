import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { isComposing } from "./growing-text";

interface QueuedTextProps {
  text: string;
  onSave: (text: string) => void;
  onCancel: () => void;
}

/** The words of a waiting message, to be changed in place. Enter saves, Escape leaves them as they were. */
export function QueuedText({ text, onSave, onCancel }: QueuedTextProps) {
  const [words, setWords] = useState(text);
  const box = useRef<HTMLTextAreaElement>(null);
  useEffect(() => box.current?.focus(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (isComposing(event)) return;
    if (event.key === "Escape") {
      // Else it would count as one of the two that stop the run.
      event.preventDefault();
      onCancel();
    } else if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      if (words.trim() !== "") onSave(words);
    }
  };
  return (
    <>
      <textarea
        ref={box}
        aria-label={t("composer.editLabel")}
        rows={2}
        value={words}
        onChange={(event) => setWords(event.target.value)}
        onKeyDown={onKeyDown}
        className="my-1 min-w-0 flex-1 rounded-control border border-line-strong bg-surface px-2 py-1 text-13 text-text pointer-coarse:text-[16px]"
      />
      <Button kind="quiet" onClick={onCancel}>
        {t("action.cancel")}
      </Button>
      <Button disabled={words.trim() === ""} onClick={() => onSave(words)}>
        {t("action.save")}
      </Button>
    </>
  );
}

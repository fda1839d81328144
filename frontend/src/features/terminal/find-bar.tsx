import { X } from "lucide-react";
import { type KeyboardEvent, useState } from "react";
import { t } from "@/i18n";
import { tt } from "@/i18n/en-terminal";
import { Button, IconButton } from "@/ui/button";
import { Icon } from "@/ui/icon";

interface FindBarProps {
  /** Shows the next place, or the one before; says whether there is one. */
  onFind: (text: string, backwards: boolean) => boolean;
  onClose: () => void;
}

/** Finds words in what a terminal holds. */
export function FindBar({ onFind, onClose }: FindBarProps) {
  const [text, setText] = useState("");
  const [found, setFound] = useState(true);
  const find = (backwards: boolean) => setFound(text === "" || onFind(text, backwards));
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") find(!event.shiftKey);
    else if (event.key === "Escape") onClose();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <search className="flex shrink-0 items-center gap-1 border-b border-line bg-surface px-2 py-1">
      <input
        // biome-ignore lint/a11y/noAutofocus: it was opened to type into
        autoFocus
        aria-label={tt("find")}
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        className="h-7 min-w-0 flex-1 rounded-control border border-line-strong bg-surface px-2 text-12"
      />
      <span role="status" className="text-12 text-error">
        {!found && tt("findNothing")}
      </span>
      <Button kind="quiet" onClick={() => find(true)}>
        {tt("findPrevious")}
      </Button>
      <Button kind="quiet" onClick={() => find(false)}>
        {tt("findNext")}
      </Button>
      <IconButton label={t("action.close")} onClick={onClose}>
        <Icon of={X} />
      </IconButton>
    </search>
  );
}

import { Send } from "lucide-react";
import { useEffect, useRef } from "react";
import { tc } from "@/i18n/en-changes";
import { Button } from "@/ui/button";
import { TextArea } from "@/ui/field";
import { Icon } from "@/ui/icon";
import type { Spot } from "./comments";

interface CommentBoxProps {
  spot: Spot;
  text: string;
  onWrite: (text: string) => void;
  onRemove: () => void;
}

/** What the person has to say of the line above; kept as it is written. */
export function CommentBox({ spot, text, onWrite, onRemove }: CommentBoxProps) {
  const box = useRef<HTMLDivElement>(null);
  const isNew = useRef(text === "");
  useEffect(() => {
    if (isNew.current) box.current?.querySelector("textarea")?.focus({ preventScroll: true });
  }, []);
  return (
    <div ref={box} data-testid="line-comment" className="border-y border-line bg-surface p-2">
      <TextArea
        label={tc("comment.label", { line: spot.number })}
        rows={2}
        value={text}
        onChange={(event) => onWrite(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape" && text.trim() === "") onRemove();
        }}
      />
      <div className="flex justify-end pt-1">
        <Button kind="quiet" onClick={onRemove}>
          {tc("comment.remove")}
        </Button>
      </div>
    </div>
  );
}

interface CommentsBarProps {
  count: number;
  onSend: () => void;
  onClear: () => void;
}

/** What was said of the changes, and the way to tell the agent. */
export function CommentsBar({ count, onSend, onClear }: CommentsBarProps) {
  return (
    <div
      data-testid="comments-bar"
      className="flex shrink-0 items-center justify-end gap-2 border-t border-line bg-surface px-3 py-1.5"
    >
      <Button kind="quiet" onClick={onClear}>
        {tc("comment.clear")}
      </Button>
      <Button kind="primary" icon={<Icon of={Send} />} onClick={onSend}>
        {tc("comment.send", { n: count })}
      </Button>
    </div>
  );
}

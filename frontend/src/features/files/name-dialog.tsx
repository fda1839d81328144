import { type FormEvent, useState } from "react";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";
import { tf } from "./words";

interface NameDialogProps {
  title: string;
  /** What the field holds at first. */
  path: string;
  action: string;
  /** Does it; what it throws is shown. */
  onDone: (path: string) => Promise<void>;
  onClose: () => void;
}

/** Asks for a path in the workspace. */
export function NameDialog({ title, path, action, onDone, onClose }: NameDialogProps) {
  const [text, setText] = useState(path);
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    try {
      await onDone(text.trim().replace(/\/+$/, ""));
      onClose();
    } catch (failure) {
      const problem = toProblem(failure);
      setError([problem.title, problem.detail].filter(Boolean).join(": "));
    }
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={title}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField
          label={tf("nameLabel")}
          value={text}
          error={error}
          onChange={(event) => setText(event.target.value)}
          onFocus={(event) => event.target.setSelectionRange(path.lastIndexOf("/") + 1, path.length)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" disabled={text.trim() === ""}>
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

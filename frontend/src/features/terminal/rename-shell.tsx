import { type FormEvent, useState } from "react";
import { toProblem } from "@/api/problem";
import { t } from "@/i18n";
import { tt } from "@/i18n/en-terminal";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";
import { useRenameShell } from "./queries";

const MAX_NAME = 60;

interface RenameShellProps {
  conversation: string;
  shell: string;
  name: string;
  onClose: () => void;
}

/** Asks for a shell's name. */
export function RenameShell({ conversation, shell, name, onClose }: RenameShellProps) {
  const rename = useRenameShell(conversation);
  const [wanted, setWanted] = useState(name);
  const save = (event: FormEvent) => {
    event.preventDefault();
    rename.mutate({ shell, name: wanted }, { onSuccess: onClose });
  };
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={tt("renameTitle")}>
      <form onSubmit={save} className="flex flex-col gap-3">
        <TextField
          label={tt("name")}
          help={tt("nameHelp")}
          error={rename.error ? toProblem(rename.error).title : null}
          value={wanted}
          maxLength={MAX_NAME}
          onChange={(event) => setWanted(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" disabled={rename.isPending}>
            {t("action.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

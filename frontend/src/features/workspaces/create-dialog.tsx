import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toProblem } from "@/api/problem";
import type { Workspace } from "@/api/types";
import { createWorkspace, workspacesQuery } from "@/api/workspaces";
import { t } from "@/i18n";
import { tw } from "@/i18n/en-workspaces";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";

interface CreateDialogProps {
  onMade: (workspace: Workspace) => void;
  onClose: () => void;
}

/** Asks for the name of a new workspace, and makes it. */
export function CreateDialog({ onMade, onClose }: CreateDialogProps) {
  const client = useQueryClient();
  const [name, setName] = useState("");
  const make = useMutation({
    mutationFn: createWorkspace,
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: workspacesQuery.queryKey });
      onMade(made);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate(name.trim());
  };
  const problem = make.error && toProblem(make.error);
  return (
    <Dialog open onOpenChange={(open) => !open && onClose()} title={tw("createTitle")}>
      <form onSubmit={submit} className="flex flex-col gap-3">
        <TextField
          label={tw("name")}
          value={name}
          maxLength={60}
          error={problem ? [problem.detail || problem.title, problem.hint].filter(Boolean).join(". ") : null}
          onChange={(event) => setName(event.target.value)}
        />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t("action.cancel")}</Button>
          <Button kind="primary" type="submit" disabled={name.trim() === "" || make.isPending}>
            {tw("make")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

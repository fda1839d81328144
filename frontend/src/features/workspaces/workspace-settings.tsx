import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toProblem } from "@/api/problem";
import type { Workspace } from "@/api/types";
import {
  deleteWorkspace,
  renameWorkspace,
  restoreWorkspace,
  useWorkspaces,
  workspacesQuery,
} from "@/api/workspaces";
import { t } from "@/i18n";
import { tw } from "@/i18n/en-workspaces";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { TextField } from "@/ui/field";
import { ProblemView } from "@/ui/problem-view";
import { showToast } from "@/ui/toast";
import { CreateDialog } from "./create-dialog";
import { nameOf } from "./workspace-picker";

/** The person's workspaces: make, name, delete, bring back. */
export function WorkspaceSettings() {
  const client = useQueryClient();
  const { data, error } = useWorkspaces();
  const [making, setMaking] = useState(false);
  const [asked, setAsked] = useState<Workspace | null>(null);
  const again = () => client.invalidateQueries({ queryKey: workspacesQuery.queryKey });
  const rename = useMutation({ mutationFn: renameWorkspace, onSuccess: again });
  const restore = useMutation({ mutationFn: restoreWorkspace, onSuccess: again });
  const remove = useMutation({
    mutationFn: deleteWorkspace,
    onSuccess: (workspace) => {
      showToast({
        level: "info",
        text: tw("deleted", { name: nameOf(workspace) }),
        action: { label: t("action.undo"), run: () => restore.mutate(workspace.id) },
      });
      return again();
    },
  });
  const failure = error ?? rename.error ?? remove.error ?? restore.error;
  return (
    <div className="flex flex-col gap-3" data-testid="workspaces">
      <p className="text-12 text-text-3">
        {tw("help")} {tw("isolation")}
      </p>
      <ul className="flex flex-col divide-y divide-line">
        {data?.items.map((workspace) => (
          <Row
            key={`${workspace.id}:${workspace.name}`}
            workspace={workspace}
            onRename={(name) => rename.mutate({ id: workspace.id, name })}
            onDelete={() => setAsked(workspace)}
            onRestore={() => restore.mutate(workspace.id)}
          />
        ))}
      </ul>
      {failure && <ProblemView problem={toProblem(failure)} />}
      {data?.can_create ? (
        <div>
          <Button onClick={() => setMaking(true)}>{tw("create")}</Button>
        </div>
      ) : (
        data && <p className="text-12 text-text-3">{tw("unavailable")}</p>
      )}
      {making && <CreateDialog onMade={() => undefined} onClose={() => setMaking(false)} />}
      {asked && (
        <Dialog open onOpenChange={(open) => !open && setAsked(null)} title={tw("deleteTitle")}>
          <p className="pb-3 text-text-2">{tw("deleteHelp", { name: nameOf(asked) })}</p>
          <div className="flex justify-end gap-2">
            <Button onClick={() => setAsked(null)}>{t("action.cancel")}</Button>
            <Button
              kind="danger"
              onClick={() => {
                remove.mutate(asked.id);
                setAsked(null);
              }}
            >
              {tw("deleteConfirm")}
            </Button>
          </div>
        </Dialog>
      )}
    </div>
  );
}

interface RowProps {
  workspace: Workspace;
  onRename: (name: string) => void;
  onDelete: () => void;
  onRestore: () => void;
}

function Row({ workspace, onRename, onDelete, onRestore }: RowProps) {
  const [draft, setDraft] = useState(workspace.name);
  const name = nameOf(workspace);
  if (workspace.name === "" || workspace.deleted_at != null) {
    return (
      <li className="flex items-center gap-2 py-2" aria-label={name}>
        <span className="min-w-0 grow truncate">
          {name}
          {workspace.deleted_at != null && <span className="text-text-3"> · {tw("inTrash")}</span>}
        </span>
        {workspace.deleted_at != null && <Button onClick={onRestore}>{tw("restore", { name })}</Button>}
      </li>
    );
  }
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onRename(draft.trim());
  };
  const unchanged = draft.trim() === "" || draft.trim() === workspace.name;
  return (
    <li className="flex flex-wrap items-end gap-2 py-2" aria-label={name}>
      <form onSubmit={submit} className="flex min-w-0 grow items-end gap-2">
        <TextField
          label={tw("rename", { name })}
          value={draft}
          maxLength={60}
          onChange={(event) => setDraft(event.target.value)}
        />
        <Button type="submit" disabled={unchanged}>
          {tw("save")}
        </Button>
      </form>
      <Button kind="danger" aria-label={tw("delete", { name })} onClick={onDelete}>
        {tw("deleteConfirm")}
      </Button>
    </li>
  );
}

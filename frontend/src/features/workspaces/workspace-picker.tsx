import { ChevronDown, FolderTree } from "lucide-react";
import { Suspense, useState } from "react";
import type { Workspace } from "@/api/types";
import { useWorkspaces } from "@/api/workspaces";
import { tw } from "@/i18n/en-workspaces";
import { Icon } from "@/ui/icon";
import { lazyPart } from "@/ui/lazy-part";
import { Menu, MenuItem, MenuSeparator } from "@/ui/menu";

/** A dialog brings much code with it that the first page does not need. */
const CreateDialog = lazyPart(() => import("./create-dialog"), { name: "CreateDialog", otherwise: "over" });

/** What a workspace is called. */
export const nameOf = (workspace: Workspace | undefined): string => workspace?.name || tw("first");

interface WorkspacePickerProps {
  /** Id of the chosen one. */
  chosen: string;
  onChoose: (id: string) => void;
}

/** Where a new conversation works; nothing where there is no choice. */
export function WorkspacePicker({ chosen, onChoose }: WorkspacePickerProps) {
  const { data } = useWorkspaces();
  const [making, setMaking] = useState(false);
  const there = data?.items.filter((workspace) => workspace.deleted_at == null) ?? [];
  if (!data || (!data.can_create && there.length < 2)) return null;
  const trigger = (
    <button
      type="button"
      data-testid="workspace-picker"
      title={tw("picker")}
      aria-label={`${tw("picker")}: ${nameOf(there.find(({ id }) => id === chosen))}`}
      className="tap flex max-w-44 shrink-0 items-center gap-1 rounded-control px-1.5 text-12 text-text-2 hover:bg-hover"
    >
      <Icon of={FolderTree} className="shrink-0" />
      <span className="truncate">{nameOf(there.find(({ id }) => id === chosen))}</span>
      <Icon of={ChevronDown} className="shrink-0" />
    </button>
  );
  return (
    <>
      <Menu trigger={trigger} align="start" side="top">
        {there.map((workspace) => (
          <MenuItem
            key={workspace.id}
            checked={workspace.id === chosen}
            onSelect={() => onChoose(workspace.id)}
          >
            {nameOf(workspace)}
          </MenuItem>
        ))}
        {data.can_create && (
          <>
            <MenuSeparator />
            <MenuItem onSelect={() => setMaking(true)}>{tw("create")}</MenuItem>
          </>
        )}
      </Menu>
      <Suspense>
        {making && <CreateDialog onMade={({ id }) => onChoose(id)} onClose={() => setMaking(false)} />}
      </Suspense>
    </>
  );
}

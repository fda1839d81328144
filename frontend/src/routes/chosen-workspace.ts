import { DEFAULT_WORKSPACE, useWorkspaces } from "@/api/workspaces";
import { useStored } from "@/ui/use-stored";

/** The workspace that was chosen last for new conversations, while it is there. */
export function useChosenWorkspace(): [string, (id: string) => void] {
  const [stored, setStored] = useStored("slipway.workspace");
  const { data } = useWorkspaces();
  const there = data?.items.some(({ id, deleted_at }) => id === stored && deleted_at == null) ?? false;
  return [stored && there ? stored : DEFAULT_WORKSPACE, setStored];
}

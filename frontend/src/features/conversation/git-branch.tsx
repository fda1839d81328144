import { GitBranch as Branch } from "lucide-react";
import { useWorkspaceGit } from "@/api/git";
import { useInstance } from "@/api/queries";
import type { Repository } from "@/api/types";
import { DEFAULT_WORKSPACE, useWorkspaces } from "@/api/workspaces";
import { tc } from "@/i18n/en-changes";
import { Icon } from "@/ui/icon";

/** What is checked out where the agent works, and what git is in the middle of; nothing unless it is one repository. */
export default function GitBranch({ workspace }: { workspace: string }) {
  const attached = useInstance().data?.sandbox.attached ?? false;
  // Nobody can look into the trash.
  const isThere = useWorkspaces().data?.items.some(
    ({ id, deleted_at }) => id === workspace && deleted_at == null,
  );
  const { data } = useWorkspaceGit(
    workspace,
    attached && (workspace === DEFAULT_WORKSPACE || isThere === true),
  );
  const [repository, ...others] = data?.repositories ?? [];
  if (!repository || others.length > 0 || data?.more) return null;
  const head = nameOf(repository);
  if (!head) return null;
  const operation = repository.operation && tc(`operation.${repository.operation}`);
  return (
    <span
      data-testid="git-branch"
      title={[repository.path, head, operation].filter(Boolean).join(" · ")}
      className="flex max-w-56 min-w-0 items-center gap-1 text-12 text-text-3 max-md:hidden"
    >
      <Icon of={Branch} className="shrink-0" />
      <span className="sr-only">{tc("branch")} </span>
      <span className="min-w-8 truncate font-mono">{head}</span>
      {operation && <span className="truncate text-waiting">{operation}</span>}
    </span>
  );
}

function nameOf({ head }: Repository): string | null {
  if (head.type === "branch") return head.name;
  return head.type === "detached" ? tc("branch.detached", { commit: head.commit.slice(0, 7) }) : null;
}

import { useQuery } from "@tanstack/react-query";
import { type ReactNode, useMemo } from "react";
import { ApiError } from "@/api/problem";
import { filesOf } from "@/api/workspace";
import { t } from "@/i18n";
import { FileLink } from "@/ui/file-link";
import { type Arguments, paths } from "./arguments";
import { DiffView } from "./diff-view";
import { plannedDiff } from "./planned-diff";

export interface PlannedChangeProps {
  tool: string;
  given: Arguments;
  workspace: string;
  /** Shown instead where it cannot be told what would change. */
  otherwise: ReactNode;
}

/** What a call that is not made yet would change in its file, as the file is now. */
export default function PlannedChange({ tool, given, workspace, otherwise }: PlannedChangeProps) {
  const [path = ""] = paths(given);
  const { data, isPending } = useQuery({
    // Kept up to date with what else is shown of the workspace.
    queryKey: ["workspace", "planned", path, workspace],
    queryFn: () => contentOf(path, workspace),
    staleTime: 0,
    retry: false,
  });
  const diff = useMemo(() => {
    if (data) return plannedDiff(tool, path, given, data.text);
    // Without the file, edits still say what goes and what comes.
    return tool === "edit_file" ? plannedDiff(tool, path, given, null) : null;
  }, [tool, path, given, data]);
  if (isPending) return <p className="text-12 text-text-3">{t("app.loading")}</p>;
  if (!diff) return otherwise;
  return (
    <div data-testid="planned-change" className="flex min-w-0 flex-col gap-1">
      <p className="flex flex-wrap items-baseline gap-x-2 text-12">
        <FileLink path={path} />
        <span>
          <span className="text-ok">+{diff.added}</span> <span className="text-error">−{diff.removed}</span>
        </span>
        {data?.text === null && <span className="text-text-3">{t("approval.newFile")}</span>}
      </p>
      {!diff.placed && <p className="text-12 text-text-2">{t("approval.unplaced")}</p>}
      {diff.hunks.length > 0 ? (
        <DiffView diff={diff} bounded />
      ) : (
        <p className="text-12 text-text-3">{t("tool.unchanged")}</p>
      )}
    </div>
  );
}

/** What a file holds, null where there is none; null altogether where it cannot be compared. */
async function contentOf(path: string, workspace: string): Promise<{ text: string | null } | null> {
  try {
    const file = await filesOf(workspace).readText(path);
    return file.complete ? { text: file.text } : null;
  } catch (error) {
    if (error instanceof ApiError && error.problem.status === 404) return { text: null };
    return null;
  }
}

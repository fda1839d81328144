import { useMemo } from "react";
import { filesOf, type WorkspaceFiles } from "@/api/workspace";
import { DEFAULT_WORKSPACE } from "@/api/workspaces";
import { useConversation } from "@/stream/react";

/** The files of the workspace that the open conversation names. */
export function useFiles(): WorkspaceFiles {
  const workspace = useConversation(({ state }) => state?.conversation.workspace_id ?? DEFAULT_WORKSPACE);
  return useMemo(() => filesOf(workspace), [workspace]);
}

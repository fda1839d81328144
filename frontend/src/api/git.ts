import { type QueryClient, useQuery } from "@tanstack/react-query";
import { api, contentOf } from "./client";
import type { WorkspaceGit } from "./types";

/** The gateway tells of changes for three minutes after it was asked. */
const RENEW_MS = 120_000;

/** The repositories of a workspace and what is checked out there. */
export const getWorkspaceGit = (workspace: string) =>
  contentOf(api.GET("/api/v1/workspace/git", { params: { query: { workspace } } }));

/** The files that differ from what is committed; the page after `after`. */
export const listUncommitted = (workspace: string, after?: string) =>
  contentOf(api.GET("/api/v1/workspace/git/changes", { params: { query: { workspace, after } } }));

export interface UncommittedQuery {
  path: string;
  old_path?: string;
  hunk?: number;
}

/** The lines of a file that differ from what is committed, from a hunk on. */
export const getUncommittedDiff = (workspace: string, query: UncommittedQuery) =>
  contentOf(api.GET("/api/v1/workspace/git/changes/file", { params: { query: { ...query, workspace } } }));

const keyOf = (workspace: string) => ["workspace-git", workspace] as const;

/** The repositories of a workspace, kept up to date for as long as they are shown. */
export const useWorkspaceGit = (workspace: string, wanted = true) =>
  useQuery({
    enabled: wanted,
    queryKey: keyOf(workspace),
    queryFn: () => getWorkspaceGit(workspace),
    refetchInterval: RENEW_MS,
    staleTime: RENEW_MS,
    retry: false,
  });

/** Puts streamed repositories into what is shown, and asks again for what is not committed in them. */
export function applyGit(client: QueryClient, workspace: string, git: WorkspaceGit): void {
  client.setQueryData<WorkspaceGit>(keyOf(workspace), git);
  void client.invalidateQueries({ queryKey: ["uncommitted", workspace] });
}

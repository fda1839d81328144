import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { getFileDiff, listChanges } from "@/api/changes";
import { getUncommittedDiff, listUncommitted, useWorkspaceGit } from "@/api/git";
import type { FileChange, FileDiff, Problem, Repository } from "@/api/types";
import { DEFAULT_WORKSPACE } from "@/api/workspaces";
import { useConversation } from "@/stream/react";

/** Of the newest run, of the conversation, or of whomever since the last commit. */
export type Scope = "turn" | "all" | "uncommitted";

/** The lines that a file's hunks begin with. */
export interface DiffQuery {
  path: string;
  old_path?: string;
  hunk: number;
}

export interface Changes {
  /** The state before, which can be restored; null when there is none, or it is a commit. */
  from: string | null;
  /** Names the state after. */
  to: string | null;
  total: number;
  files: readonly FileChange[];
  /** What is told of repositories where commits are compared with. */
  git: Git | null;
  /** Fetches the lines of a file. */
  diff: (query: DiffQuery) => Promise<FileDiff>;
}

interface Git {
  repositories: readonly Repository[];
  problems: readonly Problem[];
  isCut: boolean;
}

interface Page {
  from: string | null;
  to: string | null;
  total: number;
  files: readonly FileChange[];
  next: string | null;
  git: Git | null;
}

/** What was changed; asked for again at each new checkpoint. */
export function useChanges(scope: Scope) {
  const id = useConversation(({ state }) => state?.conversation.id ?? "");
  const run = useConversation(({ state }) => state?.conversation.run_id ?? undefined);
  const workspace = useConversation(({ state }) => state?.conversation.workspace_id ?? DEFAULT_WORKSPACE);
  const checkpoint = useConversation(({ state }) => state?.checkpoint ?? null);
  const ofAgent = scope !== "uncommitted";
  // Whoever asks for the repositories is told of commits, at which the list is asked for again.
  useWorkspaceGit(workspace, !ofAgent);
  const query = useInfiniteQuery({
    queryKey: ofAgent ? ["changes", id, scope, run, checkpoint] : ["uncommitted", workspace, id, checkpoint],
    queryFn: ({ pageParam }) =>
      ofAgent
        ? pageOfAgent(id, scope === "turn" ? run : undefined, pageParam)
        : uncommittedPage(workspace, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: (before, last) =>
      (last?.queryKey[0] === "changes") === ofAgent ? keepPreviousData(before) : undefined,
    enabled: id !== "" && (scope !== "turn" || run !== undefined),
    // Whoever else changes files tells nobody.
    ...(ofAgent ? {} : { staleTime: 0, retry: false }),
  });
  const first = query.data?.pages[0];
  const { from = null, to = null } = first ?? {};
  const changes: Changes | null = first
    ? {
        ...first,
        files: query.data?.pages.flatMap((page) => page.files) ?? [],
        diff: (wanted) =>
          ofAgent
            ? getFileDiff(id, { ...wanted, from: from ?? "", to: to ?? "" })
            : getUncommittedDiff(workspace, wanted),
      }
    : null;
  return { ...query, id, changes };
}

async function pageOfAgent(id: string, run?: string, after?: string): Promise<Page> {
  const { from = null, to = null, total, files, next = null } = await listChanges(id, run, after);
  return { from, to, total, files, next, git: null };
}

async function uncommittedPage(workspace: string, after?: string): Promise<Page> {
  const list = await listUncommitted(workspace, after);
  const { state, total, files, next = null, repositories, problems = [], is_cut: isCut = false } = list;
  return { from: null, to: state, total, files, next, git: { repositories, problems, isCut } };
}

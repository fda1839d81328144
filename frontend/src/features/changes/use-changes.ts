import { keepPreviousData, useInfiniteQuery } from "@tanstack/react-query";
import { listChanges } from "@/api/changes";
import type { FileChange } from "@/api/types";
import { useConversation } from "@/stream/react";

export type Scope = "turn" | "all";

export interface Changes {
  /** The states that are compared. */
  from: string | null;
  to: string | null;
  total: number;
  files: readonly FileChange[];
}

/** What the agent changed in the newest run or in all; asked for again at each new checkpoint. */
export function useChanges(scope: Scope) {
  const id = useConversation(({ state }) => state?.conversation.id ?? "");
  const run = useConversation(({ state }) => state?.conversation.run_id ?? undefined);
  const checkpoint = useConversation(({ state }) => state?.checkpoint ?? null);
  const query = useInfiniteQuery({
    queryKey: ["changes", id, scope, run, checkpoint],
    queryFn: ({ pageParam }) => listChanges(id, scope === "turn" ? run : undefined, pageParam),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
    placeholderData: keepPreviousData,
    enabled: id !== "" && (scope === "all" || run !== undefined),
  });
  const first = query.data?.pages[0];
  const changes: Changes | null = first
    ? {
        from: first.from ?? null,
        to: first.to ?? null,
        total: first.total,
        files: query.data?.pages.flatMap((page) => page.files) ?? [],
      }
    : null;
  return { ...query, id, changes };
}

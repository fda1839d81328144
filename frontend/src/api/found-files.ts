import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { filesOf } from "./workspace";

/**
 * At most `limit` files of a workspace whose paths are like `query`, best first; asked for again when files come and go. While
 * it is not known which workspace is meant, nothing is asked.
 */
export function useFoundFiles(workspace: string | null, query: string, limit: number, enabled = true) {
  return useQuery({
    queryKey: ["workspace", "find", query, limit, workspace],
    queryFn: ({ signal }) => filesOf(workspace ?? "").findFiles(query, limit, signal),
    // What fits what was typed before stays until the next answer.
    placeholderData: keepPreviousData,
    enabled: enabled && workspace !== null,
  });
}

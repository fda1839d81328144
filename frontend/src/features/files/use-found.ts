import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useFiles } from "./use-files";

/** Files of the workspace whose paths are like `query`, best first; asked for again when files come and go. */
export function useFound(query: string, limit: number, enabled = true) {
  const files = useFiles();
  return useQuery({
    queryKey: ["workspace", "find", query, limit, files.workspace],
    queryFn: ({ signal }) => files.findFiles(query, limit, signal),
    // What fits what was typed before stays until the next answer.
    placeholderData: keepPreviousData,
    enabled,
  });
}

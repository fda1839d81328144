import { useQueries, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { DirectoryPage } from "@/api/types";
import type { WorkspaceFiles } from "@/api/workspace";
import type { LoadedDirectory } from "./tree-model";
import { useFiles } from "./use-files";

/** How often what is shown is asked for without a notice: the gateway tells of changes for three minutes only. */
const RENEW_MS = 120_000;

/** As in every key of this feature: scope, what, path; see `invalidateFiles`. */
const keyOf = (workspace: string, path: string, ignored: boolean, pages: number) =>
  ["workspace", "entries", path, ignored, pages, workspace] as const;

async function fetchPages(
  files: WorkspaceFiles,
  path: string,
  ignored: boolean,
  count: number,
): Promise<LoadedDirectory> {
  const pages: DirectoryPage[] = [];
  let after: string | undefined;
  for (let n = 0; n < count; n += 1) {
    const page = await files.listEntries(path, ignored, after);
    pages.push(page);
    after = page.next ?? undefined;
    if (!after) break;
  }
  return { pages };
}

interface Directories {
  loaded: ReadonlyMap<string, LoadedDirectory>;
  /** Why the workspace itself cannot be listed. */
  error: unknown;
  refresh: () => void;
}

/** The workspace and its open directories, kept up to date; `pages` says how much of which was asked for. */
export function useDirectories(
  open: ReadonlySet<string>,
  ignored: boolean,
  pages: ReadonlyMap<string, number>,
): Directories {
  const client = useQueryClient();
  const files = useFiles();
  const paths = ["", ...open];
  const results = useQueries({
    queries: paths.map((path) => {
      const count = pages.get(path) ?? 1;
      return {
        queryKey: keyOf(files.workspace, path, ignored, count),
        queryFn: () => fetchPages(files, path, ignored, count),
        refetchInterval: RENEW_MS,
        staleTime: RENEW_MS,
        // What was there stays while more of it comes.
        placeholderData: (before: LoadedDirectory | undefined) => before,
      };
    }),
  });
  const data = results.map((result) => result.data);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the answers and what they are for are all that counts
  const loaded = useMemo(() => {
    const known = new Map<string, LoadedDirectory>();
    paths.forEach((path, index) => {
      const directory = data[index];
      if (directory) known.set(path, directory);
    });
    return known;
  }, [paths.join("\n"), ...data]);
  const refresh = () => void client.invalidateQueries({ queryKey: ["workspace"] });
  return { loaded, error: results[0]?.error ?? null, refresh };
}

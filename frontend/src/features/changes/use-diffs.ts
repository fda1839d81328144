import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import { getFileDiff } from "@/api/changes";
import type { FileChange } from "@/api/types";
import type { Loaded } from "./rows";

/** The lines of files, fetched as they are asked for: a page of hunks at a time. */
export function useDiffs(
  id: string,
  files: readonly FileChange[],
  between: { from: string; to: string } | null,
): { loadedOf: (path: string) => Loaded | undefined; want: (path: string, from: number) => void } {
  /** The hunks that pages begin with, by file. */
  const [wanted, setWanted] = useState<ReadonlyMap<string, readonly number[]>>(new Map());
  const asked = between
    ? files.flatMap((file) =>
        (wanted.get(file.path) ?? []).map((hunk) => ({
          file,
          hunk,
          query: { path: file.path, old_path: file.old_path ?? undefined, ...between, hunk },
        })),
      )
    : [];
  const results = useQueries({
    queries: asked.map(({ query }) => ({
      queryKey: ["file-diff", id, query.path, query.from, query.to, query.hunk],
      queryFn: () => getFileDiff(id, query),
      // Between two states nothing changes any more.
      staleTime: Number.POSITIVE_INFINITY,
    })),
  });
  const loaded = new Map<string, Loaded>();
  asked.forEach(({ file, hunk }, index) => {
    const before = loaded.get(file.path);
    // A page counts when those before it are there.
    if ((before ? before.next : 0) !== hunk) return;
    const { data, error } = results[index] ?? {};
    const hunks = [...(before?.hunks ?? []), ...(data?.hunks ?? [])];
    loaded.set(file.path, { hunks, next: data ? (data.next ?? null) : hunk, problem: error ?? null });
  });
  return {
    loadedOf: (path) => loaded.get(path),
    want: (path, from) =>
      setWanted((now) => {
        const pages = now.get(path) ?? [];
        return pages.includes(from)
          ? now
          : new Map(now).set(
              path,
              [...pages, from].sort((a, b) => a - b),
            );
      }),
  };
}

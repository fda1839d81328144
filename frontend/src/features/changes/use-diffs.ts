import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import type { Loaded } from "./rows";
import type { Changes } from "./use-changes";

/** The lines of files, fetched as they are asked for: a page of hunks at a time. */
export function useDiffs(
  id: string,
  changes: Changes | null,
): { loadedOf: (path: string) => Loaded | undefined; want: (path: string, from: number) => void } {
  /** The hunks that pages begin with, by file. */
  const [wanted, setWanted] = useState<ReadonlyMap<string, readonly number[]>>(new Map());
  const { from = null, to = null, files = [], diff } = changes ?? {};
  const asked = to
    ? files.flatMap((file) =>
        (wanted.get(file.path) ?? []).map((hunk) => ({
          file,
          hunk,
          query: { path: file.path, old_path: file.old_path ?? undefined, hunk },
        })),
      )
    : [];
  const results = useQueries({
    queries: asked.map(({ query }) => ({
      queryKey: ["file-diff", id, query.path, from, to, query.hunk],
      queryFn: () => diff?.(query) ?? Promise.reject(new Error("there is nothing to compare")),
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

import { useQuery } from "@tanstack/react-query";
import { useFoundFiles } from "@/api/found-files";
import { filesOf } from "@/api/workspace";
import { rank, ranked } from "@/ui/actions/rank";

/**
 * At most `limit` paths of a workspace that may be meant by what is written behind an at sign: what is in the directory that it names, whose
 * own directories end in a slash, and files anywhere below whose paths are like it, as the gateway finds them. Half of
 * the places are theirs if there are so many.
 */
export function useMentioned(workspace: string, query: string, limit: number): string[] {
  const slash = query.lastIndexOf("/");
  const directory = query.slice(0, Math.max(0, slash));
  const wanted = query.slice(slash + 1);
  const listed = useQuery({
    // Kept up to date with the other lists of the workspace.
    queryKey: ["workspace", "mention", directory, workspace],
    queryFn: () => filesOf(workspace).listEntries(directory, false),
    retry: false,
  });
  const found = useFoundFiles(workspace, query, limit, wanted !== "");

  const near = ranked(wanted, listed.data?.entries ?? [], ({ name }) => name).map(({ name, kind }) => {
    const path = directory === "" ? name : `${directory}/${name}`;
    return kind === "directory" ? `${path}/` : path;
  });
  const here = new Set(near);
  // What fitted what was typed before has to fit this until the next answer.
  const fits = (path: string) => !found.isPlaceholderData || rank(query, path) !== null;
  const far = wanted === "" ? [] : (found.data?.paths ?? []).filter((path) => !here.has(path) && fits(path));
  return [...near.slice(0, limit - Math.min(far.length, limit / 2)), ...far].slice(0, limit);
}

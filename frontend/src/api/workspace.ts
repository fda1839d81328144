import { API_BASE, api, contentOf } from "./client";
import { ApiError, problemFromAnswer } from "./problem";
import type { FileConflict, FileText } from "./types";
import { DEFAULT_WORKSPACE } from "./workspaces";

/** Slipway's own directory in each workspace, which version control leaves alone. */
export const OWN_DIRECTORY = ".slipway";

/** Thrown when somebody else changed the file: nothing was written. */
export class ConflictError extends Error {
  readonly current: FileText | null;

  constructor(conflict: FileConflict) {
    super(conflict.title);
    this.name = "ConflictError";
    this.current = conflict.current ?? null;
  }
}

const asQuery = (values: Record<string, string | boolean>) =>
  new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)])).toString();

/** The person's way to the files of one workspace. */
export type WorkspaceFiles = ReturnType<typeof filesOf>;

/** The person's way to the files of a workspace. */
export function filesOf(workspace: string) {
  const within: { workspace?: string } = workspace === DEFAULT_WORKSPACE ? {} : { workspace };
  const address = (what: string, values: Record<string, string | boolean>) =>
    `${API_BASE}/workspace/${what}?${asQuery({ ...values, ...within })}`;
  return {
    workspace,

    /** A page of a directory's entries; the gateway tells of its changes for three minutes. */
    listEntries: (path: string, ignored: boolean, after?: string) =>
      contentOf(
        api.GET("/api/v1/workspace/entries", { params: { query: { path, ignored, after, ...within } } }),
      ),

    /** Files whose paths are like `query`, best first. */
    findFiles: (query: string, limit: number, signal?: AbortSignal) =>
      contentOf(
        api.GET("/api/v1/workspace/find", { params: { query: { query, limit, ...within } }, signal }),
      ),

    /** Lines of a text file. */
    readText: (path: string, first_line?: number, lines?: number) =>
      contentOf(
        api.GET("/api/v1/workspace/text", { params: { query: { path, first_line, lines, ...within } } }),
      ),

    createFolder: (path: string) =>
      contentOf(api.POST("/api/v1/workspace/folders", { params: { query: within }, body: { path } })),

    renameEntry: (from: string, to: string) =>
      contentOf(api.POST("/api/v1/workspace/rename", { params: { query: within }, body: { from, to } })),

    /** Moves something to the trash; the answer's id brings it back. */
    trashEntry: (path: string) =>
      contentOf(api.POST("/api/v1/workspace/trash", { params: { query: within }, body: { path } })),

    restoreEntry: (id: string) =>
      contentOf(
        api.POST("/api/v1/workspace/trash/{id}/restore", { params: { path: { id }, query: within } }),
      ),

    listClones: () => contentOf(api.GET("/api/v1/workspace/clones", { params: { query: within } })),

    /** Begins to clone a repository, to a directory named after it unless another is given. */
    cloneRepository: (url: string, path: string | null) =>
      contentOf(api.POST("/api/v1/workspace/clones", { params: { query: within }, body: { url, path } })),

    /** Stops a clone, or takes one that is over off the list. */
    stopClone: (id: string) =>
      contentOf(api.DELETE("/api/v1/workspace/clones/{id}", { params: { path: { id }, query: within } })),

    /** Writes a text over the version with this hash; without one, the file must be new. Gives the new hash. */
    writeText: async (path: string, text: string, hash: string | null): Promise<string> => {
      const { data, error, response } = await api.PUT("/api/v1/workspace/text", {
        params: { query: { path, ...within } },
        headers: hash === null ? { "If-None-Match": "*" } : { "If-Match": `"${hash}"` },
        body: { text },
      });
      if (response.status === 412) throw new ConflictError(error as FileConflict);
      if (!response.ok || !data) throw new ApiError(problemFromAnswer(response.status, error));
      return data.hash ?? "";
    },

    /** Where a file is to be had as it is. */
    fileAddress: (path: string) => address("file", { path }),

    /** Where a directory is to be had as a zip file. */
    zipAddress: (path: string) => address("zip", { path }),

    /** Where a file is uploaded to. */
    uploadAddress: (path: string, replace: boolean) => address("file", { path, replace }),

    /** Where an archive is uploaded to, to be unpacked in a directory. */
    archiveAddress: (path: string, kind: ArchiveKind, replace: boolean) =>
      address("archive", { path, kind, replace }),
  };
}

export type ArchiveKind = "zip" | "tar" | "tar_gz";

/** What kind of archive a file of this name is, if any. */
export function archiveKind(name: string): ArchiveKind | null {
  if (/\.zip$/i.test(name)) return "zip";
  if (/\.tar$/i.test(name)) return "tar";
  return /\.(tar\.gz|tgz)$/i.test(name) ? "tar_gz" : null;
}

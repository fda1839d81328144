import { API_BASE, api, contentOf } from "./client";
import { ApiError, problemFromAnswer } from "./problem";
import type { FileConflict, FileText } from "./types";

/** A page of a directory's entries; the gateway tells of its changes for three minutes. */
export const listEntries = (path: string, ignored: boolean, after?: string) =>
  contentOf(api.GET("/api/v1/workspace/entries", { params: { query: { path, ignored, after } } }));

/** Lines of a text file. */
export const readText = (path: string, first_line?: number, lines?: number) =>
  contentOf(api.GET("/api/v1/workspace/text", { params: { query: { path, first_line, lines } } }));

export const createFolder = (path: string) =>
  contentOf(api.POST("/api/v1/workspace/folders", { body: { path } }));

export const renameEntry = (from: string, to: string) =>
  contentOf(api.POST("/api/v1/workspace/rename", { body: { from, to } }));

/** Moves something to the trash; the answer's id brings it back. */
export const trashEntry = (path: string) =>
  contentOf(api.POST("/api/v1/workspace/trash", { body: { path } }));

export const restoreEntry = (id: string) =>
  contentOf(api.POST("/api/v1/workspace/trash/{id}/restore", { params: { path: { id } } }));

export const listClones = () => contentOf(api.GET("/api/v1/workspace/clones"));

/** Begins to clone a repository, to a directory named after it unless another is given. */
export const cloneRepository = (url: string, path: string | null) =>
  contentOf(api.POST("/api/v1/workspace/clones", { body: { url, path } }));

/** Stops a clone, or takes one that is over off the list. */
export const stopClone = (id: string) =>
  contentOf(api.DELETE("/api/v1/workspace/clones/{id}", { params: { path: { id } } }));

/** Thrown when somebody else changed the file: nothing was written. */
export class ConflictError extends Error {
  readonly current: FileText | null;

  constructor(conflict: FileConflict) {
    super(conflict.title);
    this.name = "ConflictError";
    this.current = conflict.current ?? null;
  }
}

/** Writes a text over the version with this hash; without one, the file must be new. Gives the new hash. */
export async function writeText(path: string, text: string, hash: string | null): Promise<string> {
  const { data, error, response } = await api.PUT("/api/v1/workspace/text", {
    params: { query: { path } },
    headers: hash === null ? { "If-None-Match": "*" } : { "If-Match": `"${hash}"` },
    body: { text },
  });
  if (response.status === 412) throw new ConflictError(error as FileConflict);
  if (!response.ok || !data) throw new ApiError(problemFromAnswer(response.status, error));
  return data.hash ?? "";
}

const query = (values: Record<string, string | boolean>) =>
  new URLSearchParams(Object.entries(values).map(([name, value]) => [name, String(value)])).toString();

/** Where a file is to be had as it is. */
export const fileAddress = (path: string) => `${API_BASE}/workspace/file?${query({ path })}`;

/** Where a directory is to be had as a zip file. */
export const zipAddress = (path: string) => `${API_BASE}/workspace/zip?${query({ path })}`;

/** Where a file is uploaded to. */
export const uploadAddress = (path: string, replace: boolean) =>
  `${API_BASE}/workspace/file?${query({ path, replace })}`;

/** Where an archive is uploaded to, to be unpacked in a directory. */
export const archiveAddress = (path: string, kind: ArchiveKind, replace: boolean) =>
  `${API_BASE}/workspace/archive?${query({ path, kind, replace })}`;

export type ArchiveKind = "zip" | "tar" | "tar_gz";

/** What kind of archive a file of this name is, if any. */
export function archiveKind(name: string): ArchiveKind | null {
  if (/\.zip$/i.test(name)) return "zip";
  if (/\.tar$/i.test(name)) return "tar";
  return /\.(tar\.gz|tgz)$/i.test(name) ? "tar_gz" : null;
}

import { api, contentOf } from "./client";
import type { RestoreFiles } from "./types";

const ofConversation = (id: string) => ({ params: { path: { id } } });

/** The files that the agent changed in a run, or in the whole conversation; the page after `after`. */
export const listChanges = (id: string, run?: string, after?: string) =>
  contentOf(
    api.GET("/api/v1/conversations/{id}/changes", {
      params: { path: { id }, query: { run_id: run, after } },
    }),
  );

/** How files and directories are to be marked in a tree, for what the agent changed in the conversation. */
export const listChangeMarks = (id: string) =>
  contentOf(api.GET("/api/v1/conversations/{id}/changes/marks", ofConversation(id)));

/** The newest recorded states of the files. */
export const listCheckpoints = (id: string) =>
  contentOf(api.GET("/api/v1/conversations/{id}/checkpoints", ofConversation(id)));

export interface DiffQuery {
  path: string;
  old_path?: string;
  from: string;
  to: string;
  hunk?: number;
}

/** The lines of a file that changed between two checkpoints, from a hunk on. */
export const getFileDiff = (id: string, query: DiffQuery) =>
  contentOf(api.GET("/api/v1/conversations/{id}/changes/file", { params: { path: { id }, query } }));

/** What a restoration would do; nothing is changed. */
export const previewRestore = (id: string, body: RestoreFiles) =>
  contentOf(api.POST("/api/v1/conversations/{id}/restore/preview", { ...ofConversation(id), body }));

export const restoreFiles = (id: string, body: RestoreFiles) =>
  contentOf(api.POST("/api/v1/conversations/{id}/restore", { ...ofConversation(id), body }));

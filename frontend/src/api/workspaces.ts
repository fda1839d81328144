import { useQuery } from "@tanstack/react-query";
import { api, contentOf } from "./client";

/** The workspace that every instance has. */
export const DEFAULT_WORKSPACE = "default";

const ofWorkspace = (id: string) => ({ params: { path: { id } } });

/** The workspace that every instance has, the person's own, and those in the trash. */
export const listWorkspaces = () => contentOf(api.GET("/api/v1/workspaces"));

export const createWorkspace = (name: string) =>
  contentOf(api.POST("/api/v1/workspaces", { body: { name } }));

export const renameWorkspace = ({ id, name }: { id: string; name: string }) =>
  contentOf(api.PATCH("/api/v1/workspaces/{id}", { ...ofWorkspace(id), body: { name } }));

/** Puts a workspace into the trash, from where it comes back for a week. */
export const deleteWorkspace = (id: string) =>
  contentOf(api.DELETE("/api/v1/workspaces/{id}", ofWorkspace(id)));

export const restoreWorkspace = (id: string) =>
  contentOf(api.POST("/api/v1/workspaces/{id}/restore", ofWorkspace(id)));

export const workspacesQuery = { queryKey: ["workspaces"], queryFn: listWorkspaces };

export const useWorkspaces = () => useQuery(workspacesQuery);

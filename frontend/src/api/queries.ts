import { QueryClient, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import {
  getEnvironment,
  getInstance,
  getSearch,
  getSettings,
  listProviderModels,
  listProviders,
  saveSearch,
  updateSettings,
} from "./endpoints";
import { ApiError } from "./problem";
import type { Instance, SandboxStatus, UpdateSettings } from "./types";

/** Cache for what is fetched rather than streamed. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 30_000,
        // A refusal stays a refusal; only a missing answer is worth another attempt.
        retry: (failures, error) => !(error instanceof ApiError) && failures < 3,
      },
    },
  });
}

export const instanceQuery = { queryKey: ["instance"], queryFn: getInstance };
export const environmentQuery = { queryKey: ["environment"], queryFn: getEnvironment };
export const providersQuery = { queryKey: ["providers"], queryFn: listProviders };
/** What a stored provider says it offers; a list that is not to be had is not asked for again and again. */
export const providerModelsQuery = (id: string) => ({
  queryKey: ["provider-models", id],
  queryFn: () => listProviderModels(id),
  retry: false,
});
export const settingsQuery = { queryKey: ["settings"], queryFn: getSettings };

export const searchQuery = { queryKey: ["search"], queryFn: getSearch };

export const useInstance = () => useQuery(instanceQuery);
/** Why nothing can be saved at the moment. Asked for again and again: no event can tell of it. */
export const useStorageTrouble = () =>
  useQuery({ ...instanceQuery, refetchInterval: 15_000, select: (instance) => instance.storage }).data;
/** What the instance stands on, looked at again and again until the sandbox can be reached. */
export const useEnvironment = () =>
  useQuery({
    ...environmentQuery,
    staleTime: 0,
    refetchInterval: ({ state }) => (state.data?.sandbox.attached ? 30_000 : 3_000),
  });
export const useProviders = () => useQuery(providersQuery);
export const useSettings = () => useQuery(settingsQuery);

/** Saves changes of the settings and refreshes what depends on them. */
export function useSaveSettings() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (change: Partial<UpdateSettings>) => updateSettings(change),
    onSuccess: () => {
      client.invalidateQueries({ queryKey: settingsQuery.queryKey });
      client.invalidateQueries({ queryKey: providersQuery.queryKey });
      return client.invalidateQueries({ queryKey: instanceQuery.queryKey });
    },
  });
}

export const useSearch = () => useQuery(searchQuery);

/** Saves how the web is searched. */
export function useSaveSearch() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: saveSearch,
    onSuccess: (saved) => client.setQueryData(searchQuery.queryKey, saved),
  });
}

/** Puts a streamed sandbox status into the cached instance. */
export function applySandbox(client: QueryClient, sandbox: SandboxStatus): void {
  client.setQueryData<Instance>(instanceQuery.queryKey, (old) => (old ? { ...old, sandbox } : old));
  void client.invalidateQueries({ queryKey: environmentQuery.queryKey });
}

/** Whatever is shown of these paths, or of directories that they are in, is asked for again. */
export function invalidateFiles(client: QueryClient, paths: readonly string[]): void {
  const touched = new Set(paths.flatMap((path) => [path, path.slice(0, Math.max(0, path.lastIndexOf("/")))]));
  void client.invalidateQueries({
    predicate: ({ queryKey: [scope, , path] }) => {
      if (scope === "uncommitted") return true;
      if (scope !== "workspace" || typeof path !== "string") return false;
      return touched.has(path) || touched.has(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    },
  });
}

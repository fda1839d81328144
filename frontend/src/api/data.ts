import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, contentOf } from "./client";
import type { RetentionChoices } from "./types";

/** How long things are kept, and where each value comes from. */
export const getRetention = () => contentOf(api.GET("/api/v1/settings/retention"));

/** Replaces what is saved about it. */
export const saveRetention = (body: RetentionChoices) =>
  contentOf(api.PUT("/api/v1/settings/retention", { body }));

/** Where the key is that secrets are encrypted with. */
export const getSecretKey = () => contentOf(api.GET("/api/v1/secret-key"));

/** Has it replaced at the next start. */
export const rotateSecretKey = () => contentOf(api.POST("/api/v1/secret-key/rotation"));

/** Every setting with what is in force, its scope and its source. */
export const listSettings = () => contentOf(api.GET("/api/v1/settings/all"));

const RETENTION = ["retention"];
const SECRET_KEY = ["secret-key"];

export const useRetention = () => useQuery({ queryKey: RETENTION, queryFn: getRetention });

export function useSaveRetention() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: saveRetention,
    onSuccess: (saved) => client.setQueryData(RETENTION, saved),
  });
}

export const useSecretKey = () => useQuery({ queryKey: SECRET_KEY, queryFn: getSecretKey });

export function useRotateSecretKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: rotateSecretKey,
    onSuccess: (known) => client.setQueryData(SECRET_KEY, known),
  });
}

/** All settings; read anew whenever they are looked at. */
export const useSettingList = () =>
  useQuery({ queryKey: ["setting-list"], queryFn: listSettings, staleTime: 0 });

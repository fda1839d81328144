import { api, contentOf } from "./client";
import type { Draft } from "./types";

/** What was typed for a conversation, or with null for a new one. */
export const getDraft = (id: string | null) =>
  id === null
    ? contentOf(api.GET("/api/v1/account/draft"))
    : contentOf(api.GET("/api/v1/conversations/{id}/draft", { params: { path: { id } } }));

/** Keeps what was typed; answers with what is newest. */
export const saveDraft = (id: string | null, body: Draft) =>
  id === null
    ? contentOf(api.PUT("/api/v1/account/draft", { body }))
    : contentOf(api.PUT("/api/v1/conversations/{id}/draft", { params: { path: { id } }, body }));

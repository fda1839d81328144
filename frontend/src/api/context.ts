import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { api, contentOf } from "./client";

const ofConversation = (id: string) => ({ params: { path: { id } } });

/** What the model would be sent next, from message number `from` on. */
export const getContext = (id: string, from = 0) =>
  contentOf(api.GET("/api/v1/conversations/{id}/context", { params: { path: { id }, query: { from } } }));

/** Closes files that the model has open; refused while it is at work. */
export const closeFiles = (id: string, paths: string[]) =>
  contentOf(api.POST("/api/v1/conversations/{id}/context/close", { ...ofConversation(id), body: { paths } }));

/** Pins a file that the model has open, or takes that back; also while it is at work. */
export const pinFile = (id: string, path: string, pinned: boolean) =>
  contentOf(
    api.POST("/api/v1/conversations/{id}/context/pin", { ...ofConversation(id), body: { path, pinned } }),
  );

/** What each run has consumed, oldest first. */
export const listTurns = (id: string) =>
  contentOf(api.GET("/api/v1/conversations/{id}/turns", ofConversation(id)));

/** The first part; asked for again whenever `stamp` is another one. */
export const useNextRequest = (id: string, stamp: string) =>
  useQuery({
    queryKey: ["context", id, stamp],
    queryFn: () => getContext(id),
    // Until the conversation is loaded there is nothing to ask about.
    enabled: id !== "",
    placeholderData: keepPreviousData,
    staleTime: 0,
    gcTime: 0,
  });

/** The runs; asked for again whenever `stamp` is another one. */
export const useTurns = (id: string, stamp: string | number) =>
  useQuery({
    queryKey: ["turns", id, stamp],
    queryFn: () => listTurns(id),
    placeholderData: keepPreviousData,
  });

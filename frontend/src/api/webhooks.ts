import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, contentOf } from "./client";
import type { CreateWebhook, UpdateWebhook } from "./types";

/** How often deliveries are looked at while one of them waits. */
const LOOK_MS = 1_000;

const NO_CHANGE: UpdateWebhook = { url: null, events: null, private_network: null, enabled: null };

const of = (id: string) => ({ params: { path: { id } } });

export const listWebhooks = () => contentOf(api.GET("/api/v1/webhooks"));

export const createWebhook = (body: CreateWebhook) => contentOf(api.POST("/api/v1/webhooks", { body }));

/** Changes what `change` names; the rest stays. */
export const updateWebhook = (id: string, change: Partial<UpdateWebhook>) =>
  contentOf(api.PATCH("/api/v1/webhooks/{id}", { ...of(id), body: { ...NO_CHANGE, ...change } }));

export const removeWebhook = (id: string) => contentOf(api.DELETE("/api/v1/webhooks/{id}", of(id)));

/** Gives a webhook another secret, told this once; the present one is good for a day more. */
export const replaceWebhookSecret = (id: string) =>
  contentOf(api.POST("/api/v1/webhooks/{id}/secret", { ...of(id), body: { keep_hours: null } }));

export const testWebhook = (id: string) => contentOf(api.POST("/api/v1/webhooks/{id}/test", of(id)));

/** What a webhook was told last. */
export const listDeliveries = (id: string) =>
  contentOf(api.GET("/api/v1/webhooks/{id}/deliveries", { params: { path: { id }, query: { limit: 10 } } }));

export const retryDelivery = (id: string, delivery: string) =>
  contentOf(
    api.POST("/api/v1/webhooks/{id}/deliveries/{delivery_id}/retry", {
      params: { path: { id, delivery_id: delivery } },
    }),
  );

const LIST = ["webhooks"];

export const useWebhooks = () => useQuery({ queryKey: LIST, queryFn: listWebhooks });

/** A change to webhooks, after which they are read again. */
export function useWebhookChange<Input, Output>(change: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: change,
    onSettled: () => client.invalidateQueries({ queryKey: LIST }),
  });
}

/** What a webhook was told last; looked at again and again while something waits to be tried soon. */
export const useDeliveries = (id: string) =>
  useQuery({
    queryKey: [...LIST, id, "deliveries"],
    queryFn: () => listDeliveries(id),
    refetchInterval: ({ state }) =>
      state.data?.items.some((delivery) => delivery.state === "pending") ? LOOK_MS : false,
  });

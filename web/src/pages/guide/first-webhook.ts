/** The webhook of the guide's last step: those that are there, a new one, and a test event through it. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Schema, api, data } from "~/api/client";

export type Webhook = Schema<"WebhookOut">;

export const firstWebhooksQuery = (integrationId: string) =>
  queryOptions({
    queryKey: ["webhooks", "first", integrationId],
    queryFn: ({ signal }) =>
      data(api.GET("/api/admin/integrations/{id}/webhooks", { params: { path: { id: integrationId }, query: { limit: 5 } }, signal })),
  });

/** The answer shows the secret, this once. */
export function useCreateFirstWebhook(integrationId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (webhookUrl: string) =>
      data(api.POST("/api/admin/integrations/{id}/webhooks", { params: { path: { id: integrationId } }, body: { webhookUrl } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["webhooks"] }),
    gcTime: 0,
  });
}

/** Sends a signed `webhook.test` and waits for the receiver's answer. A refused delivery is an answer, not an error. */
export function useSendTestEvent() {
  return useMutation({ mutationFn: (id: string) => data(api.POST("/api/admin/webhooks/{id}/test", { params: { path: { id } } })) });
}

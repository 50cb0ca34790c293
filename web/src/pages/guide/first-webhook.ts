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

/** Whether what is sent through it arrives: the hub keeps how the last attempt ended, that of a test included. */
export function isArriving(webhook: Pick<Webhook, "isActive" | "lastStatus">): boolean {
  return webhook.isActive && webhook.lastStatus === "success";
}

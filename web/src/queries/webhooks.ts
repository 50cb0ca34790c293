/** Webhooks of an integration: what is asked, and what a change makes stale. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Schema, api, data } from "~/api/client";

export type Webhook = Schema<"WebhookOut">;
export type WebhookDetail = Schema<"WebhookDetail">;

export const webhooksQuery = (integrationId: string) =>
  queryOptions({
    queryKey: ["webhooks", "of", integrationId],
    queryFn: ({ signal }) =>
      data(api.GET("/api/admin/integrations/{id}/webhooks", { params: { path: { id: integrationId }, query: { limit: 500 } }, signal })),
  });

export const webhookQuery = (id: string) =>
  queryOptions({
    queryKey: ["webhooks", "one", id],
    queryFn: ({ signal }) => data(api.GET("/api/admin/webhooks/{id}", { params: { path: { id } }, signal })),
  });

/** Makes everything about webhooks stale, deliveries included. */
function useStale() {
  const queries = useQueryClient();
  return () => Promise.all([queries.invalidateQueries({ queryKey: ["webhooks"] }), queries.invalidateQueries({ queryKey: ["deliveries"] })]);
}

/** The answer shows the secret, this once. */
export function useCreateWebhook(integrationId: string) {
  return useMutation({
    mutationFn: (body: Schema<"WebhookIn">) => data(api.POST("/api/admin/integrations/{id}/webhooks", { params: { path: { id: integrationId } }, body })),
    onSuccess: useStale(),
    gcTime: 0,
  });
}

export function useChangeWebhook(id: string) {
  return useMutation({
    mutationFn: (body: Schema<"WebhookPatch">) => data(api.PUT("/api/admin/webhooks/{id}", { params: { path: { id } }, body })),
    onSuccess: useStale(),
  });
}

export function useDeleteWebhook(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.DELETE("/api/admin/webhooks/{id}", { params: { path: { id } } })),
    // Not the one that is gone: its page would ask for it once more.
    onSuccess: () => queries.invalidateQueries({ queryKey: ["webhooks", "of"] }),
  });
}

/** The answer shows the new secret, this once. */
export function useRotateSecret(id: string) {
  return useMutation({
    mutationFn: (body: Schema<"RotationIn">) => data(api.POST("/api/admin/webhooks/{id}/rotate-secret", { params: { path: { id } }, body })),
    onSuccess: useStale(),
    gcTime: 0,
  });
}

/** Sends a signed `webhook.test` and waits for the answer. A refused delivery is an answer, not an error. */
export function useTestWebhook(id: string) {
  return useMutation({
    mutationFn: () => data(api.POST("/api/admin/webhooks/{id}/test", { params: { path: { id } } })),
    onSuccess: useStale(),
  });
}

export function usePreview(id: string) {
  return useMutation({ mutationFn: (body: Schema<"PreviewIn">) => data(api.POST("/api/admin/webhooks/{id}/preview", { params: { path: { id } }, body })) });
}

export function useVerify(id: string) {
  return useMutation({
    mutationFn: (body: Schema<"VerifyIn">) => data(api.POST("/api/admin/webhooks/{id}/verify", { params: { path: { id } }, body })),
    gcTime: 0,
  });
}

/** The keys with which a receiver checks Ed25519 signatures. */
export function jwksPath(id: string): string {
  return `/api/webhooks/${id}/jwks.json`;
}

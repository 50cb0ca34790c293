/** Integrations: what is asked, and what a change makes stale. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Schema, api, data, whole } from "~/api/client";

export type Integration = Schema<"IntegrationOut">;
export type Provider = Schema<"ProviderOut">;
export type TestReport = Schema<"TestOut">;

/** Every provider that the hub knows; it changes with the hub's version alone. */
export const providersQuery = queryOptions({
  queryKey: ["providers"],
  queryFn: ({ signal }) => data(api.GET("/api/admin/providers", { signal })),
  staleTime: Number.POSITIVE_INFINITY,
});

export const partnerIntegrationsQuery = (partnerId: string) =>
  queryOptions({
    queryKey: ["integrations", "of-partner", partnerId],
    queryFn: ({ signal }) =>
      data(api.GET("/api/admin/integrations", { params: { query: { partnerId, limit: 500 } }, signal })),
  });

/** Found by name or provider, for the palette. */
export const foundIntegrationsQuery = (q: string, limit = 8) =>
  queryOptions({
    queryKey: ["integrations", "found", q, limit],
    queryFn: ({ signal }) => data(api.GET("/api/admin/integrations", { params: { query: { q, limit } }, signal })),
    placeholderData: keepPreviousData,
  });

export const integrationQuery = (id: string) =>
  queryOptions({
    queryKey: ["integrations", "one", id],
    queryFn: ({ signal }) => data(api.GET("/api/admin/integrations/{id}", { params: { path: { id } }, signal })),
  });

export const healthQuery = (id: string, window: "1h" | "24h" | "7d" | "30d" = "24h") =>
  queryOptions({
    queryKey: ["integrations", "health", id, window],
    queryFn: ({ signal }) =>
      data(api.GET("/api/admin/integrations/{id}/health", { params: { path: { id }, query: { window } }, signal })),
    staleTime: 15_000,
  });

/** Where a new integration is made: for a partner, or for one of its outlets. */
export type Owner = { readonly partnerId: string; readonly outletId?: string | undefined };

/** Answers with the whole envelope, since `warnings` stand beside `data`. */
export function useCreateIntegration(owner: Owner) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"IntegrationIn">) =>
      owner.outletId === undefined
        ? whole(api.POST("/api/admin/partners/{id}/integrations", { params: { path: { id: owner.partnerId } }, body }))
        : whole(api.POST("/api/admin/outlets/{id}/integrations", { params: { path: { id: owner.outletId } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["integrations"] }),
  });
}

/** A change that shows at once, and is taken back where the hub refuses it. */
export function useChangeIntegration(integration: Pick<Integration, "id" | "partnerId">) {
  const queries = useQueryClient();
  const listKey = partnerIntegrationsQuery(integration.partnerId).queryKey;
  const oneKey = integrationQuery(integration.id).queryKey;
  return useMutation({
    mutationFn: (body: Schema<"IntegrationPatch">) =>
      whole(api.PUT("/api/admin/integrations/{id}", { params: { path: { id: integration.id } }, body })),
    onMutate: async ({ isActive, testMode }) => {
      await queries.cancelQueries({ queryKey: ["integrations"] });
      const before = { list: queries.getQueryData(listKey), one: queries.getQueryData(oneKey) };
      const changed = (one: Integration): Integration => ({ ...one, isActive: isActive ?? one.isActive, testMode: testMode ?? one.testMode });
      queries.setQueryData(listKey, (list) => list?.map((one) => (one.id === integration.id ? changed(one) : one)));
      queries.setQueryData(oneKey, (one) => one && changed(one));
      return before;
    },
    onError: (_error, _input, before) => {
      queries.setQueryData(listKey, before?.list);
      queries.setQueryData(oneKey, before?.one);
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["integrations"] }),
  });
}

export function useDeleteIntegration() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.DELETE("/api/admin/integrations/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["integrations"] }),
  });
}

/** Tests a stored integration now. A failed test is an answer, not an error. */
export function useTestIntegration(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST("/api/admin/integrations/{id}/test", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["integrations"] }),
  });
}

/** Tests what is not stored. */
export function useTestConfiguration() {
  return useMutation({ mutationFn: (body: Schema<"TestIn">) => data(api.POST("/api/admin/integrations/test", { body })) });
}

/** The configuration in clear; the hub logs who asked. Never kept in the cache. */
export function useReveal(id: string) {
  return useMutation({
    mutationFn: () => data(api.POST("/api/admin/integrations/{id}/reveal", { params: { path: { id } } })),
    gcTime: 0,
  });
}

/** Partners and their outlets: what is asked, and what a change makes stale. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Schema, api, data, whole } from "~/api/client";

export type Partner = Schema<"PartnerOut">;
export type Outlet = Schema<"OutletOut">;

export interface PartnersFilter {
  readonly q?: string | undefined;
  readonly page?: number | undefined;
  readonly limit?: number;
}

export const partnersQuery = (filter: PartnersFilter = {}) =>
  queryOptions({
    queryKey: ["partners", "list", filter],
    queryFn: ({ signal }) => whole(api.GET("/api/admin/partners", { params: { query: { ...filter } }, signal })),
    placeholderData: keepPreviousData,
  });

export const partnerQuery = (id: string) =>
  queryOptions({
    queryKey: ["partners", "one", id],
    queryFn: ({ signal }) => data(api.GET("/api/admin/partners/{id}", { params: { path: { id } }, signal })),
  });

export const outletsQuery = (partnerId: string) =>
  queryOptions({
    queryKey: ["outlets", partnerId],
    queryFn: ({ signal }) => data(api.GET("/api/admin/partners/{id}/outlets", { params: { path: { id: partnerId }, query: { limit: 500 } }, signal })),
  });

/** Creates without an id, changes with one. */
export function useSavePartner(id?: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: Schema<"PartnerIn">) => {
      if (id === undefined) return data(api.POST("/api/admin/partners", { body: input }));
      // A change takes no null: what is absent stays.
      const body = { name: input.name, slug: input.slug ?? undefined, isActive: input.isActive ?? undefined };
      return data(api.PUT("/api/admin/partners/{id}", { params: { path: { id } }, body }));
    },
    onSuccess: () => queries.invalidateQueries({ queryKey: ["partners"] }),
  });
}

export function useDeletePartner() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.DELETE("/api/admin/partners/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries(),
  });
}

export function useSaveOutlet(partnerId: string, id?: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (input: { name: string; code: string; isActive: boolean }) =>
      id === undefined
        ? data(api.POST("/api/admin/partners/{id}/outlets", { params: { path: { id: partnerId } }, body: input }))
        : data(api.PUT("/api/admin/outlets/{id}", { params: { path: { id } }, body: input })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["outlets", partnerId] }),
  });
}

export function useDeleteOutlet(partnerId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.DELETE("/api/admin/outlets/{id}", { params: { path: { id } } })),
    onSuccess: () =>
      Promise.all([queries.invalidateQueries({ queryKey: ["outlets", partnerId] }), queries.invalidateQueries({ queryKey: ["integrations"] })]),
  });
}

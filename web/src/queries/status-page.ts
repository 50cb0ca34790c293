/** A partner's public status page: whether there is one, and what it shows. */
import { queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "~/api/api-error";
import { type Schema, api, data } from "~/api/client";

export type StatusPage = Schema<"StatusPage">;

/** `null` where the partner has none. */
export const statusPageQuery = (partnerId: string) =>
  queryOptions({
    queryKey: ["status-page", partnerId],
    queryFn: async ({ signal }): Promise<StatusPage | null> => {
      try {
        return await data(api.GET("/api/admin/partners/{id}/status-page", { params: { path: { id: partnerId } }, signal }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });

/** Opens it, or changes what it shows; members that are absent stay. */
export function useSetStatusPage(partnerId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"StatusPageIn">) => data(api.POST("/api/admin/partners/{id}/status-page", { params: { path: { id: partnerId } }, body })),
    onSuccess: (page) => queries.setQueryData(statusPageQuery(partnerId).queryKey, page),
  });
}

export function useCloseStatusPage(partnerId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.DELETE("/api/admin/partners/{id}/status-page", { params: { path: { id: partnerId } } })),
    onSuccess: () => queries.setQueryData(statusPageQuery(partnerId).queryKey, null),
  });
}

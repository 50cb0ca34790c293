/** Maintenance: spans in which failures are expected, neither tested by schedule nor counted. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Schema, api, data, whole } from "~/api/client";

export type Maintenance = Schema<"MaintenanceOut">;

export const MAINTENANCE_STATES = ["open", "over"] as const;

export interface MaintenanceFilter {
  /** `open` for what holds or lies ahead. */
  readonly state?: (typeof MAINTENANCE_STATES)[number] | undefined;
  readonly page?: number | undefined;
}

export const maintenanceQuery = (filter: MaintenanceFilter) =>
  queryOptions({
    queryKey: ["maintenance", filter],
    queryFn: ({ signal }) => whole(api.GET("/api/admin/maintenance", { params: { query: { ...filter } }, signal })),
    placeholderData: keepPreviousData,
  });

export function usePlanMaintenance() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"MaintenanceIn">) => data(api.POST("/api/admin/maintenance", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["maintenance"] }),
  });
}

/** Ends what holds; takes away what lies ahead. */
export function useEndMaintenance() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.DELETE("/api/admin/maintenance/{id}", { params: { path: { id } } })),
    onSuccess: () =>
      Promise.all([queries.invalidateQueries({ queryKey: ["maintenance"] }), queries.invalidateQueries({ queryKey: ["integrations"] })]),
  });
}

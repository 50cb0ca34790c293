/** One integration's health: the report, its points, its incidents and pauses, what is advised, and its public badge. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { ApiError } from "~/api/api-error";
import { type Schema, api, data, whole } from "~/api/client";
import type { Language } from "~/language/choice";

export type HealthWindow = "1h" | "24h" | "7d" | "30d";
export type HealthReport = Schema<"Data_HealthOut">["data"];
export type HealthSeries = Schema<"Data_SeriesOut">["data"];
export type HealthPoint = Schema<"SeriesPointOut">;
export type Incident = Schema<"IncidentOut">;
export type Recommendation = Schema<"Recommendation">;
export type Pause = Schema<"Data_MaintenanceOut">["data"];
export type Badge = Schema<"Data_Badge">["data"];

/** Below this, everything that a test or an outcome makes stale. */
const of = (id: string) => ["integrations", "health", id] as const;

/** Dismissed recommendations are in it, marked as such. */
export const healthReportQuery = (id: string, window: HealthWindow, lang: Language) =>
  queryOptions({
    queryKey: [...of(id), "report", window, lang],
    queryFn: ({ signal }) => data(api.GET("/api/admin/integrations/{id}/health", { params: { path: { id }, query: { window, lang, includeDismissed: true } }, signal })),
    placeholderData: keepPreviousData,
  });

export const healthSeriesQuery = (id: string, window: HealthWindow) =>
  queryOptions({
    queryKey: [...of(id), "series", window],
    queryFn: ({ signal }) => data(api.GET("/api/admin/integrations/{id}/health/series", { params: { path: { id }, query: { window } }, signal })),
    placeholderData: keepPreviousData,
  });

/** The newest first; as many as a chart can tell apart. */
export const integrationIncidentsQuery = (id: string, lang: Language) =>
  queryOptions({
    queryKey: [...of(id), "incidents", lang],
    queryFn: ({ signal }) => whole(api.GET("/api/admin/incidents", { params: { query: { integrationId: id, limit: 100, lang } }, signal })),
    placeholderData: keepPreviousData,
  });

/** The pause that holds now; `null` where the tests run. */
export const pauseQuery = (id: string) =>
  queryOptions({
    queryKey: [...of(id), "pause"],
    queryFn: async ({ signal }): Promise<Pause | null> => {
      const list = await data(api.GET("/api/admin/maintenance", { params: { query: { integrationId: id, state: "open", limit: 50 } }, signal }));
      return list.find((one) => one.state === "active" && one.integrationId === id && one.isPause) ?? null;
    },
  });

export function usePause(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"PauseIn">) => data(api.POST("/api/admin/integrations/{id}/pause", { params: { path: { id } }, body })),
    onSettled: () => queries.invalidateQueries({ queryKey: of(id) }),
  });
}

export function useResume(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST("/api/admin/integrations/{id}/resume", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: of(id) }),
  });
}

/** Puts a recommendation aside: for so many hours, or until it changes. */
export function useSetAside(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ code, hours }: { code: string; hours: number | null }) => {
      const params = { path: { id, code } };
      return hours === null
        ? data(api.POST("/api/admin/integrations/{id}/recommendations/{code}/dismiss", { params, body: {} }))
        : data(api.POST("/api/admin/integrations/{id}/recommendations/{code}/snooze", { params, body: { hours } }));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: of(id) }),
  });
}

export function useBringBack(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (code: string) => data(api.DELETE("/api/admin/integrations/{id}/recommendations/{code}/dismissal", { params: { path: { id, code } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: of(id) }),
  });
}

/** The public badge; `null` where there is none. */
export const badgeQuery = (id: string) =>
  queryOptions({
    queryKey: ["badges", id],
    queryFn: async ({ signal }): Promise<Badge | null> => {
      try {
        return await data(api.GET("/api/admin/integrations/{id}/badge", { params: { path: { id } }, signal }));
      } catch (error) {
        if (error instanceof ApiError && error.status === 404) return null;
        throw error;
      }
    },
  });

/** Makes a badge; one that was there gets a new address. */
export function useMakeBadge(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST("/api/admin/integrations/{id}/badge", { params: { path: { id } } })),
    onSuccess: (badge) => queries.setQueryData(badgeQuery(id).queryKey, badge),
  });
}

export function useRemoveBadge(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.DELETE("/api/admin/integrations/{id}/badge", { params: { path: { id } } })),
    onSuccess: () => queries.setQueryData(badgeQuery(id).queryKey, null),
  });
}

/** Incidents: spells of trouble, each with its timeline. Their sentences are the hub's, so a language has answers of its own. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Schema, api, data, whole } from "~/api/client";
import type { Language } from "~/language/choice";

export type Incident = Schema<"IncidentOut">;
export type IncidentDetail = Schema<"IncidentDetail">;
export type IncidentEntry = Schema<"IncidentEntry">;

export const INCIDENT_STATES = ["open", "closed"] as const;
export const INCIDENT_KINDS = ["connection", "webhook", "provider_outage", "expiry"] as const satisfies readonly Schema<"IncidentKind">[];
export const SEVERITIES = ["critical", "warning"] as const satisfies readonly Schema<"IncidentSeverity">[];
export type Severity = (typeof SEVERITIES)[number];

export interface IncidentFilter {
  readonly state?: (typeof INCIDENT_STATES)[number] | undefined;
  readonly kind?: (typeof INCIDENT_KINDS)[number] | undefined;
  readonly severity?: Severity | undefined;
  readonly partnerId?: string | undefined;
  readonly provider?: string | undefined;
  readonly page?: number | undefined;
}

export const incidentsQuery = (filter: IncidentFilter, lang: Language, limit = 50) =>
  queryOptions({
    queryKey: ["incidents", "list", filter, lang, limit],
    queryFn: ({ signal }) => whole(api.GET("/api/admin/incidents", { params: { query: { ...filter, lang, limit } }, signal })),
    placeholderData: keepPreviousData,
  });

export const incidentQuery = (id: string, lang: Language) =>
  queryOptions({
    queryKey: ["incidents", "one", id, lang],
    queryFn: ({ signal }) => data(api.GET("/api/admin/incidents/{id}", { params: { path: { id }, query: { lang } }, signal })),
  });

export function useAddNote(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (message: string) => data(api.POST("/api/admin/incidents/{id}/notes", { params: { path: { id } }, body: { message } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["incidents"] }),
  });
}

/** Says that the reader has taken it on. */
export function useAcknowledge(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST("/api/admin/incidents/{id}/acknowledge", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["incidents"] }),
  });
}

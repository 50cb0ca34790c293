/** Alerts: the channels that reach people, the rules that say who is told of what, and the log of what was told. */
import { keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Schema, api, data, whole } from "~/api/client";

export type AlertChannel = Schema<"AlertChannelOut">;
export type ChannelConfiguration = Schema<"AlertChannelConfiguration">;
export type ChannelTest = Schema<"AlertChannelTestOut">;
export type AlertRule = Schema<"AlertRuleOut">;
export type AlertRuleInput = Schema<"AlertRuleIn">;
export type AlertMessage = Schema<"AlertMessageOut">;
export type Alert = Schema<"AlertOut">;
export type AlertDelivery = Schema<"AlertDeliveryOut">;

export const DELIVERY_STATES = ["waiting", "sent", "failed"] as const;
export const ALERT_STATES = ["pending", "firing", "closing", "resolved", "withdrawn", "joined"] as const;

export interface AlertDeliveriesFilter {
  readonly state?: (typeof DELIVERY_STATES)[number] | undefined;
  readonly channelId?: string | undefined;
  readonly ruleId?: string | undefined;
  readonly page?: number | undefined;
}

export interface AlertsFilter {
  readonly state?: (typeof ALERT_STATES)[number] | undefined;
  readonly page?: number | undefined;
}

/** There are at most a few hundred of each, so they come as a whole. */
const ALL = { query: { limit: 500 } };

export const alertChannelsQuery = queryOptions({
  queryKey: ["alerts", "channels"],
  queryFn: ({ signal }) => data(api.GET("/api/admin/alert-channels", { params: ALL, signal })),
});

export const alertRulesQuery = queryOptions({
  queryKey: ["alerts", "rules"],
  queryFn: ({ signal }) => data(api.GET("/api/admin/alert-rules", { params: ALL, signal })),
});

export const alertDeliveriesQuery = (filter: AlertDeliveriesFilter) =>
  queryOptions({
    queryKey: ["alerts", "deliveries", filter],
    queryFn: ({ signal }) => whole(api.GET("/api/admin/alert-deliveries", { params: { query: { ...filter } }, signal })),
    placeholderData: keepPreviousData,
  });

export const alertsQuery = (filter: AlertsFilter) =>
  queryOptions({
    queryKey: ["alerts", "told", filter],
    queryFn: ({ signal }) => whole(api.GET("/api/admin/alerts", { params: { query: { ...filter } }, signal })),
    placeholderData: keepPreviousData,
  });

/** The answer holds a generated secret in clear, this once. */
export function useCreateChannel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"AlertChannelIn">) => data(api.POST("/api/admin/alert-channels", { body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["alerts"] }),
    gcTime: 0,
  });
}

export function useChangeChannel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, ...body }: Schema<"AlertChannelPatch"> & { id: string }) =>
      data(api.PUT("/api/admin/alert-channels/{id}", { params: { path: { id } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["alerts"] }),
  });
}

export function useDeleteChannel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.DELETE("/api/admin/alert-channels/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["alerts"] }),
  });
}

/** A test that fails is an answer, not an error. */
export function useTestChannel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.POST("/api/admin/alert-channels/{id}/test", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["alerts"] }),
  });
}

/** Creates without an id, changes with one. */
export function useSaveRule(id?: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: AlertRuleInput) =>
      id === undefined
        ? data(api.POST("/api/admin/alert-rules", { body }))
        : data(api.PUT("/api/admin/alert-rules/{id}", { params: { path: { id } }, body })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["alerts"] }),
  });
}

export function useDeleteRule() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.DELETE("/api/admin/alert-rules/{id}", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["alerts"] }),
  });
}

/** What a rule of this form would tell now; nothing is stored or sent. */
export function usePreviewRule() {
  return useMutation({ mutationFn: (body: AlertRuleInput) => data(api.POST("/api/admin/alert-rules/preview", { body })) });
}

export function useRetryDelivery() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (id: string) => data(api.POST("/api/admin/alert-deliveries/{id}/retry", { params: { path: { id } } })),
    onSettled: () => queries.invalidateQueries({ queryKey: ["alerts"] }),
  });
}

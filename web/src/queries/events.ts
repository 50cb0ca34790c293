/** Events of an integration, and the notifications that they came from or were refused with. */
import { infiniteQueryOptions, keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Schema, api, data, whole } from "~/api/client";

export type HubEvent = Schema<"EventOut">;
export type Notification = Schema<"NotificationOut">;

export interface NotificationFilter {
  readonly outcome?: string | undefined;
  readonly reason?: Schema<"RefusalReason"> | undefined;
}

export const eventsQuery = (integrationId: string, type: string | undefined) =>
  infiniteQueryOptions({
    queryKey: ["events", "of", integrationId, type],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 50, ...(type === undefined ? {} : { type }), ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return whole(api.GET("/api/admin/integrations/{id}/events", { params: { path: { id: integrationId }, query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.pagination.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const eventQuery = (id: string) =>
  queryOptions({
    queryKey: ["events", "one", id],
    queryFn: ({ signal }) => data(api.GET("/api/admin/events/{id}", { params: { path: { id } }, signal })),
  });

export function useReplayEvent(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST("/api/admin/events/{id}/replay", { params: { path: { id } } })),
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: ["events"] }), queries.invalidateQueries({ queryKey: ["deliveries"] })]),
  });
}

export const notificationsQuery = (integrationId: string, filter: NotificationFilter) =>
  infiniteQueryOptions({
    queryKey: ["notifications", integrationId, filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: 50, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return whole(api.GET("/api/admin/integrations/{id}/notifications", { params: { path: { id: integrationId }, query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.pagination.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

function useNotificationsStale() {
  const queries = useQueryClient();
  return () => Promise.all([queries.invalidateQueries({ queryKey: ["notifications"] }), queries.invalidateQueries({ queryKey: ["events"] })]);
}

export function useAcceptNotification() {
  return useMutation({
    mutationFn: (id: string) => data(api.POST("/api/admin/notifications/{id}/accept", { params: { path: { id } } })),
    onSuccess: useNotificationsStale(),
  });
}

export function useAcceptNotifications(integrationId: string) {
  return useMutation({
    mutationFn: (body: Schema<"AcceptIn">) => data(api.POST("/api/admin/integrations/{id}/notifications/accept", { params: { path: { id: integrationId } }, body })),
    onSuccess: useNotificationsStale(),
  });
}

/** Deliveries and sending them again: one by one, or many as a replay that goes on by itself. */
import { infiniteQueryOptions, keepPreviousData, queryOptions, useMutation, useQueryClient } from "@tanstack/react-query";
import { type Schema, api, data, whole } from "~/api/client";

export type Delivery = Schema<"DeliveryOut">;
export type Attempt = Schema<"AttemptOut">;
export type Replay = Schema<"ReplayOut">;

export interface DeliveryFilter {
  readonly status?: string | undefined;
  readonly eventType?: string | undefined;
}

export const deliveriesQuery = (webhookId: string, filter: DeliveryFilter) =>
  infiniteQueryOptions({
    queryKey: ["deliveries", "of", webhookId, filter],
    queryFn: ({ pageParam, signal }) => {
      const query = { ...filter, limit: 50, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return whole(api.GET("/api/admin/webhooks/{id}/deliveries", { params: { path: { id: webhookId }, query }, signal }));
    },
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.pagination.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ["deliveries", "one", id],
    queryFn: ({ signal }) => data(api.GET("/api/admin/deliveries/{id}", { params: { path: { id } }, signal })),
    // What is under way is followed until it is done.
    refetchInterval: (query) => (query.state.data?.status === "pending" ? 2_000 : false),
  });

export function useReplayDelivery(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: () => data(api.POST("/api/admin/deliveries/{id}/replay", { params: { path: { id } } })),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["deliveries"] }),
  });
}

export const replaysQuery = (webhookId: string) =>
  queryOptions({
    queryKey: ["replays", webhookId],
    queryFn: ({ signal }) => data(api.GET("/api/admin/webhooks/{id}/replays", { params: { path: { id: webhookId }, query: { limit: 20 } }, signal })),
    refetchInterval: (query) => (query.state.data?.some((replay) => replay.state === "running") ? 1_000 : false),
  });

export function usePreviewReplay(webhookId: string) {
  return useMutation({
    mutationFn: (body: Schema<"ReplayIn">) => data(api.POST("/api/admin/webhooks/{id}/replay/preview", { params: { path: { id: webhookId } }, body })),
  });
}

export function useStartReplay(webhookId: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: Schema<"ReplayIn">) => data(api.POST("/api/admin/webhooks/{id}/replay", { params: { path: { id: webhookId } }, body })),
    onSuccess: () => Promise.all([queries.invalidateQueries({ queryKey: ["replays"] }), queries.invalidateQueries({ queryKey: ["deliveries"] })]),
  });
}

/** Pauses, resumes or cancels. */
export function useSteerReplay(id: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (order: "pause" | "resume" | "cancel") => {
      const request = { params: { path: { id } } };
      if (order === "pause") return data(api.POST("/api/admin/replays/{id}/pause", request));
      if (order === "resume") return data(api.POST("/api/admin/replays/{id}/resume", request));
      return data(api.POST("/api/admin/replays/{id}/cancel", request));
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["replays"] }),
  });
}

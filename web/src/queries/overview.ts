/** Health of many integrations at once: pages for the overview, its counts, and one answer for a partner's cards. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Schema, api, data, whole } from "~/api/client";

export type HealthSummary = Schema<"HealthSummary">;
export type HealthOverview = Schema<"HealthOverview">;
export type ProviderHealth = Schema<"ProviderHealth">;

export interface OverviewFilter {
  readonly q?: string | undefined;
  readonly partnerId?: string | undefined;
  readonly integrationType?: Schema<"IntegrationType"> | undefined;
  /** The provider's slug. */
  readonly provider?: string | undefined;
  readonly healthStatus?: Schema<"HealthStatus">[] | undefined;
}

/** As many as the hub gives at once. */
const PAGE = 500;

// Below `integrations`, so that a test or a change of one makes these stale as well.

/** Worst first, read on as one scrolls. */
export const overviewQuery = (filter: OverviewFilter) =>
  infiniteQueryOptions({
    queryKey: ["integrations", "overview", filter],
    queryFn: ({ pageParam, signal }) =>
      whole(api.GET("/api/admin/health", { params: { query: { ...filter, page: pageParam, limit: PAGE } }, signal })),
    initialPageParam: 1,
    getNextPageParam: ({ pagination }) => (pagination.page < pagination.totalPages ? pagination.page + 1 : undefined),
    placeholderData: keepPreviousData,
  });

/** The first page alone: what an operator must see, while the pages after it may wait. */
export const overviewWorstQuery = (filter: OverviewFilter) =>
  queryOptions({
    queryKey: ["integrations", "overview-worst", filter],
    queryFn: ({ signal }) => data(api.GET("/api/admin/health", { params: { query: { ...filter, limit: PAGE } }, signal })),
  });

/** What stands beside the rows: counts by status, providers, the total. Cheap enough to ask again after every change. */
export const overviewCountsQuery = (filter: OverviewFilter) =>
  queryOptions({
    queryKey: ["integrations", "overview-counts", filter],
    queryFn: async ({ signal }) => {
      const { stats, providers, pagination } = await whole(api.GET("/api/admin/health", { params: { query: { ...filter, limit: 1 } }, signal }));
      return { stats, providers, total: pagination.total };
    },
    placeholderData: keepPreviousData,
  });

/** By the integration's id, for all of a partner's cards. */
export const partnerHealthQuery = (partnerId: string) =>
  queryOptions({
    queryKey: ["integrations", "health-of-partner", partnerId],
    queryFn: async ({ signal }) => {
      const rows = await data(api.GET("/api/admin/health", { params: { query: { partnerId, limit: PAGE } }, signal }));
      return Object.fromEntries(rows.map((row) => [row.integrationId, row])) as Readonly<Record<string, HealthSummary | undefined>>;
    },
  });

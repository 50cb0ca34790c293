/** An integration's activity: pages by cursor, the newest for the live tail, and where an export is fetched. */
import { infiniteQueryOptions, keepPreviousData, queryOptions } from "@tanstack/react-query";
import { type Schema, api, whole } from "~/api/client";
import { stringifySearch } from "~/parts/search-parameters";

export type Log = Schema<"LogOut">;
export type LogStat = Schema<"StatOut">;

export interface LogFilter {
  readonly action?: Schema<"LogAction">[] | undefined;
  readonly status?: Schema<"LogStatus">[] | undefined;
  readonly startDate?: string | undefined;
  readonly endDate?: string | undefined;
  readonly errorType?: Schema<"ErrorType"> | undefined;
  readonly q?: string | undefined;
}

const PAGE = 100;

async function page(id: string, filter: LogFilter, cursor: string | undefined, signal: AbortSignal) {
  const query = { ...filter, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) };
  return whole(api.GET("/api/admin/integrations/{id}/logs", { params: { path: { id }, query }, signal }));
}

export const logsQuery = (id: string, filter: LogFilter) =>
  infiniteQueryOptions({
    queryKey: ["logs", id, filter],
    queryFn: ({ pageParam, signal }) => page(id, filter, pageParam, signal),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last) => last.pagination.nextCursor ?? undefined,
    placeholderData: keepPreviousData,
  });

/** Asked again and again while the tail is on. */
export const newestLogsQuery = (id: string, filter: LogFilter) =>
  queryOptions({ queryKey: ["logs", id, "newest", filter], queryFn: ({ signal }) => page(id, filter, undefined, signal), staleTime: 0, gcTime: 0 });

/** A file of all that the filter matches; the hub streams it. */
export function exportPath(id: string, format: "csv" | "ndjson", filter: LogFilter): string {
  return `/api/admin/integrations/${id}/logs/export${stringifySearch({ format, ...filter })}`;
}

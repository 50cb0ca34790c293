/** The overview's rows and counts, live: changes of the stream are taken in together a few times a second, and polled for without it. */
import { useInfiniteQuery, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useStream } from "~/api/sse";
import { readHealth, readRemoved } from "~/parts/health-events";
import { type HealthSummary, type OverviewFilter, overviewCountsQuery, overviewQuery, overviewWorstQuery } from "~/queries/overview";
import { rowsOf, withChanges } from "./live-rows";

/** Milliseconds for which changes are gathered before the table is drawn anew. */
const GATHER = 200;
/** Counts are asked for at most this often while changes come in. */
const RECOUNT = 2_000;
const WITHOUT_STREAM = 30_000;
/** Even with the stream: what changes without an event, such as a name. */
const WITH_STREAM = 180_000;
/** Pages that are asked for anew so often; more of them, accordingly less often. */
const PAGES_AT_ONCE = 5;
/** Rows that are read by themselves, one page after another; past them, reading on waits for the scroll. */
const READ_AHEAD = 10_000;
/** Milliseconds between two pages, so that what was read is drawn first. */
const BREATH = 120;

export function useOverview(filter: OverviewFilter) {
  const queries = useQueryClient();
  const changes = useRef(new Map<string, HealthSummary | null>());
  const timers = useRef<{ gather?: ReturnType<typeof setTimeout> | undefined; recount?: ReturnType<typeof setTimeout> | undefined }>({});
  const newest = useRef(filter);
  newest.current = filter;

  const takeIn = useCallback(() => {
    const shown = newest.current;
    const { queryKey } = overviewQuery(shown);
    // An answer that is on its way may be older than a change, and would undo it.
    timers.current.gather = queries.isFetching({ queryKey, exact: true }) > 0 ? setTimeout(takeIn, GATHER) : undefined;
    if (timers.current.gather !== undefined) return;
    const gathered = changes.current;
    changes.current = new Map();
    queries.setQueryData(queryKey, (pages) => pages && withChanges(pages, gathered, shown));
    timers.current.recount ??= setTimeout(() => {
      timers.current.recount = undefined;
      void queries.invalidateQueries({ queryKey: overviewCountsQuery(newest.current).queryKey });
    }, RECOUNT);
  }, [queries]);

  const gather = useCallback(
    (id: string, change: HealthSummary | null) => {
      changes.current.set(id, change);
      timers.current.gather ??= setTimeout(takeIn, GATHER);
    },
    [takeIn],
  );
  const stream = useStream("/api/admin/health/stream", {
    health: (event) => {
      const row = readHealth(event);
      if (row) gather(row.integrationId, row);
    },
    removed: (event) => {
      const id = readRemoved(event);
      if (id) gather(id, null);
    },
  });
  useEffect(() => {
    const { current } = timers;
    return () => {
      clearTimeout(current.gather);
      clearTimeout(current.recount);
      current.gather = current.recount = undefined;
    };
  }, []);

  const refetchInterval = stream === "live" ? WITH_STREAM : WITHOUT_STREAM;
  const pages = useInfiniteQuery({
    ...overviewQuery(filter),
    refetchInterval: ({ state }) => refetchInterval * Math.max(1, (state.data?.pages.length ?? 1) / PAGES_AT_ONCE),
    refetchOnWindowFocus: ({ state }) => (state.data?.pages.length ?? 1) === 1,
  });
  const pageCount = pages.data?.pages.length ?? 0;
  const isLong = pageCount > 1;
  const worst = useQuery({ ...overviewWorstQuery(filter), refetchInterval, enabled: isLong && stream !== "live" });
  useEffect(() => {
    for (const row of worst.data ?? []) gather(row.integrationId, row);
  }, [worst.data, gather]);
  const counts = useQuery({ ...overviewCountsQuery(filter), refetchInterval });
  const rows = useMemo(() => rowsOf(pages.data), [pages.data]);
  const { fetchNextPage, hasNextPage, isFetching } = pages;
  const more = useCallback(() => {
    if (hasNextPage && !isFetching) void fetchNextPage();
  }, [hasNextPage, isFetching, fetchNextPage]);
  const mayReadOn = hasNextPage && !isFetching && !pages.isError && rows.length < READ_AHEAD;
  useEffect(() => {
    if (!mayReadOn) return;
    const timer = setTimeout(more, BREATH);
    return () => clearTimeout(timer);
    // An answer may be there before it was drawn that one is on its way: then only the number of pages tells.
  }, [mayReadOn, more, pageCount]);
  return { pages, counts, rows, more, stream };
}

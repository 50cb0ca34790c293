/** Rows of the log: pages as one scrolls, and while the tail is on the newest on top, every three seconds. */
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { type Log, type LogFilter, logsQuery, newestLogsQuery } from "~/queries/logs";
import { withNewest } from "./log-rows";

const EVERY = 3_000;
/** Rows of the tail that are kept. */
const KEPT = 5_000;

export function useLogRows(id: string, filter: LogFilter, follows: boolean) {
  const pages = useInfiniteQuery(logsQuery(id, filter));
  const newest = useQuery({ ...newestLogsQuery(id, filter), enabled: follows, refetchInterval: EVERY });
  const [tail, setTail] = useState<readonly Log[]>([]);
  const listed = useMemo(() => pages.data?.pages.flatMap((page) => page.data) ?? [], [pages.data]);
  const rows = useMemo(() => withNewest(listed, tail).rows, [listed, tail]);
  const { refetch, fetchNextPage, hasNextPage, isFetchingNextPage, isPlaceholderData } = pages;
  useEffect(() => {
    if (!newest.data || isPlaceholderData) return;
    const merged = withNewest(rows, newest.data.data);
    // More came at once than a page holds: start from the top again rather than leave a hole.
    if (merged.gap) {
      setTail([]);
      void refetch();
    } else if (merged.rows.length > rows.length) {
      setTail((before) => withNewest(before, newest.data.data).rows.slice(0, KEPT));
    }
    // Only an answer sets this off.
  }, [newest.data]);
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const first = newest.data && follows ? newest.data : pages.data?.pages[0];
  return { pages, rows, more, stats: first?.stats ?? [], total: first?.pagination.total ?? 0, tailError: newest.isError };
}

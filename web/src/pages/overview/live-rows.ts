/** The overview's rows kept in step with the stream: which belong under the filter, in which order, and how a change is taken in. */
import type { InfiniteData } from "@tanstack/react-query";
import type { HealthOverview, HealthSummary, OverviewFilter } from "~/queries/overview";
import { HEALTH_STATUSES } from "~/parts/health-statuses";

/** What the stream told since the last time, by the integration's id; `null` for one that is gone. */
export type Changes = ReadonlyMap<string, HealthSummary | null>;
export type OverviewPages = InfiniteData<HealthOverview, unknown>;

/** The hub's own order: open incidents first, then the worst band, the lowest score in it, and the id. */
export function worstFirst(a: HealthSummary, b: HealthSummary): number {
  return (
    Number(!a.openIncidentId) - Number(!b.openIncidentId) ||
    HEALTH_STATUSES.indexOf(a.healthStatus) - HEALTH_STATUSES.indexOf(b.healthStatus) ||
    (a.healthScore ?? 101) - (b.healthScore ?? 101) ||
    (a.integrationId < b.integrationId ? -1 : Number(a.integrationId > b.integrationId))
  );
}

/** Whether the hub would list it under this filter. */
export function belongs(row: HealthSummary, filter: OverviewFilter): boolean {
  const text = `${row.displayName} ${row.provider} ${row.partnerName}`.toLowerCase();
  return (
    (filter.partnerId === undefined || row.partnerId === filter.partnerId) &&
    (filter.integrationType === undefined || row.integrationType === filter.integrationType) &&
    (filter.provider === undefined || row.provider === filter.provider) &&
    (filter.healthStatus === undefined || filter.healthStatus.includes(row.healthStatus)) &&
    (filter.q === undefined || text.includes(filter.q.toLowerCase()))
  );
}

/** Replaces, takes away and adds; what comes after the rows that were fetched is left for when they are. */
export function withChanges(pages: OverviewPages, changes: Changes, filter: OverviewFilter): OverviewPages {
  const fresh = new Map(changes);
  const kept = pages.pages.map((page) => {
    if (!page.data.some((row) => changes.has(row.integrationId))) return page;
    const rows = page.data.flatMap((row) => {
      const change = changes.get(row.integrationId);
      fresh.delete(row.integrationId);
      if (change === undefined) return [row];
      return change !== null && belongs(change, filter) ? [change] : [];
    });
    return { ...page, data: rows };
  });
  const last = pages.pages.at(-1);
  const end = last === undefined || last.pagination.page >= last.pagination.totalPages ? undefined : last.data.at(-1);
  const added = [...fresh.values()].filter(
    (row): row is HealthSummary => row !== null && belongs(row, filter) && (end === undefined || worstFirst(row, end) < 0),
  );
  const [first, ...rest] = kept;
  return first === undefined ? pages : { ...pages, pages: [{ ...first, data: [...first.data, ...added] }, ...rest] };
}

/** All rows that were fetched, each once, worst first. */
export function rowsOf(pages: OverviewPages | undefined): HealthSummary[] {
  const rows = new Map<string, HealthSummary>();
  for (const page of pages?.pages ?? []) for (const row of page.data) if (!rows.has(row.integrationId)) rows.set(row.integrationId, row);
  return [...rows.values()].sort(worstFirst);
}

/** What the log table works out: counts for its chips, new rows on top, and what a row leads to. Pure. */
import type { Log, LogFilter, LogStat } from "~/queries/logs";

/** How many of the filter's rows have each value of `by`. */
export function countsBy(stats: readonly LogStat[], by: "action" | "status"): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const stat of stats) counts[stat[by]] = (counts[stat[by]] ?? 0) + stat.count;
  return counts;
}

/** Puts the newest before those that are known, each once. `gap`: more came than one page holds, so rows between are missing. */
export function withNewest(known: readonly Log[], newest: readonly Log[]): { readonly rows: Log[]; readonly gap: boolean } {
  const ids = new Set(known.map((log) => log.id));
  const fresh = newest.filter((log) => !ids.has(log.id));
  return { rows: [...fresh, ...known], gap: known.length > 0 && fresh.length > 0 && fresh.length === newest.length };
}

export interface LogLinks {
  readonly eventIds: readonly string[];
  readonly deliveryId: string | null;
  readonly webhookId: string | null;
  readonly notificationId: string | null;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function idIn(value: unknown): string | null {
  return typeof value === "string" && ID.test(value) ? value : null;
}

/** The event, delivery, webhook and notification that an entry speaks of, in its request or its response. */
export function linksOf(log: Pick<Log, "requestData" | "responseData">): LogLinks {
  const members: Record<string, unknown> = { ...log.responseData, ...log.requestData };
  const listed = Array.isArray(members.eventIds) ? members.eventIds.slice(0, 10) : [];
  const eventIds = [...new Set([members.eventId, ...listed].map(idIn).filter((id) => id !== null))];
  return { eventIds, deliveryId: idIn(members.deliveryId), webhookId: idIn(members.webhookId), notificationId: idIn(members.notificationId) };
}

/** Whether anything is filtered at all: an empty list then means something else. */
export function isFiltered(filter: LogFilter): boolean {
  return Object.values(filter).some((value) => value !== undefined);
}

/** The day of a moment, for a date field. */
export function dayOf(moment: string | undefined): string {
  return moment?.slice(0, 10) ?? "";
}

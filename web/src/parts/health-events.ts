/** What the stream of health tells; its events are read with care, since a newer hub may send what this page does not know. */
import type { HealthSummary } from "~/queries/overview";
import { HEALTH_STATUSES } from "./health-statuses";

/** What an event of the stream says, or nothing where this version does not understand it. */
export function readHealth(event: unknown): HealthSummary | undefined {
  if (typeof event !== "object" || event === null) return undefined;
  const { integrationId, healthStatus, displayName } = event as Partial<HealthSummary>;
  const known = typeof integrationId === "string" && typeof displayName === "string" && HEALTH_STATUSES.some((one) => one === healthStatus);
  return known ? (event as HealthSummary) : undefined;
}

export function readRemoved(event: unknown): string | undefined {
  if (typeof event !== "object" || event === null || !("integrationId" in event)) return undefined;
  return typeof event.integrationId === "string" ? event.integrationId : undefined;
}

/** What the hub's figures mean at the moment of reading. */
import type { Incident } from "~/queries/incidents";

/** Milliseconds: to the end, or to now, but never less than the hub has counted. */
export function lasted(incident: Pick<Incident, "startedAt" | "closedAt" | "duration">, now: number): number {
  return incident.closedAt ? incident.duration : Math.max(incident.duration, now - new Date(incident.startedAt).getTime());
}

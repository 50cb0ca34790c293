/** What the health tab works out of the hub's answers before it is drawn; pure. */
import type { BeatState } from "~/parts/HeartbeatBar";
import type { HealthPoint, HealthSeries, Incident, Recommendation } from "~/queries/integration-health";

/** As many samples as the bar shows; the newest are kept. */
export const SAMPLES = 90;

const STATES: readonly BeatState[] = ["up", "down", "partial", "unknown", "maintenance"];

/** A state's word; one that this version does not know is a sample of which nothing is known. */
export function beatState(word: string): BeatState {
  return STATES.find((state) => state === word) ?? "unknown";
}

export function samples(points: readonly HealthPoint[]): readonly HealthPoint[] {
  return points.slice(-SAMPLES);
}

export interface ChartRow {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly p99: number | null;
}

export function chartRows(points: readonly HealthPoint[]): ChartRow[] {
  return points.map((point) => ({
    at: Date.parse(point.at),
    p50: point.p50ResponseTime ?? null,
    p95: point.p95ResponseTime ?? null,
    p99: point.p99ResponseTime ?? null,
  }));
}

export interface Span {
  readonly id: string;
  readonly from: number;
  readonly to: number;
  readonly severity: Incident["severity"];
}

/** The time that a series covers, from its first point to the end of its last. */
export function covered(series: HealthSeries): readonly [number, number] {
  const first = series.points[0];
  const last = series.points.at(-1);
  return first && last ? [Date.parse(first.at), Date.parse(last.at) + series.step] : [0, 0];
}

/** The incidents that touch the time shown, cut to it; one that is open reaches its end. */
export function incidentSpans(incidents: readonly Incident[], [from, to]: readonly [number, number]): Span[] {
  return incidents
    .map((incident) => ({
      id: incident.id,
      severity: incident.severity,
      from: Math.max(Date.parse(incident.startedAt), from),
      to: Math.min(incident.closedAt ? Date.parse(incident.closedAt) : to, to),
    }))
    .filter((span) => span.from < to && span.to > from && span.to >= span.from);
}

const MINUTE = 60_000;
/** Of the lengths that a clock or calendar has, so that marks fall on round times. */
const TICK_STEPS = [5, 10, 15, 30, 60, 120, 240, 480, 1_440, 2_880, 7_200].map((minutes) => minutes * MINUTE);
const MOST_TICKS = 8;

/** The marks of the time axis. */
export function chartTicks(from: number, to: number): number[] {
  const step = TICK_STEPS.find((one) => (to - from) / one <= MOST_TICKS) ?? (to - from) / MOST_TICKS;
  if (to <= from) return [];
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.floor((to - first) / step) + 1 }, (_, index) => first + index * step);
}

/** Where a recommendation's remedy is done. `null`: nowhere in this dashboard, or not by this reader. */
export type Way =
  | { readonly kind: "edit" | "configuration" | "webhooks" | "test" }
  | { readonly kind: "webhook"; readonly webhookId: string }
  | { readonly kind: "logs"; readonly errorType: string | null }
  | { readonly kind: "provider"; readonly link: string };

export function wayOf({ actionKind, evidence, link }: Recommendation, may: { readonly change: boolean; readonly test: boolean }): Way | null {
  const [webhookId, ...others] = evidence.webhookIds;
  switch (actionKind) {
    case "edit_configuration":
    case "switch_mode":
    case "rotate":
      return { kind: may.change ? "edit" : "configuration" };
    case "test":
      return may.test ? { kind: "test" } : null;
    case "open_webhooks":
      return webhookId !== undefined && others.length === 0 ? { kind: "webhook", webhookId } : { kind: "webhooks" };
    case "open_logs":
      return { kind: "logs", errorType: evidence.errorType ?? null };
    case "open_provider":
      return link && /^https?:/.test(link) ? { kind: "provider", link } : { kind: "configuration" };
    default:
      return null;
  }
}

/** The score's way since the window before, in points; `null` where either is unknown. */
export function scoreChange(now: number | null | undefined, before: number | null | undefined): number | null {
  return now === null || now === undefined || before === null || before === undefined ? null : Math.round((now - before) * 10) / 10;
}

/** Whether there is anything to draw. */
export function hasTimes(points: readonly HealthPoint[]): boolean {
  return points.some((point) => typeof point.p50ResponseTime === "number");
}

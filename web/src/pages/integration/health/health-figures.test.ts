/** Samples, incidents on the chart, and where a recommendation leads. */
import { describe, expect, it } from "vitest";
import type { HealthPoint, Incident, Recommendation } from "~/queries/integration-health";
import { beatState, chartTicks, covered, incidentSpans, samples, scoreChange, wayOf } from "./health-figures";
import { readHealthSearch } from "./route";

const MINUTE = 60_000;
const start = Date.parse("2026-03-01T00:00:00Z");
const at = (minute: number) => new Date(start + minute * MINUTE).toISOString();

function point(minute: number): HealthPoint {
  return { at: at(minute), totalRequests: 0, successCount: 0, failedCount: 0, up: 0, down: 0, unknown: MINUTE, state: "unknown" };
}

function incident(id: string, from: number, to: number | null): Incident {
  return {
    id, kind: "connection", severity: "critical", provider: "midtrans", cause: "timeout", openedBy: "probes", startedAt: at(from), openedAt: at(from),
    closedAt: to === null ? null : at(to), duration: 0, lastFailureAt: at(from), firstError: "", lastError: "", affectedCalls: 0, affectedIntegrations: 1, summary: "",
  };
}

function advice(actionKind: Recommendation["actionKind"], more: Partial<Recommendation> = {}): Recommendation {
  return { code: "x", severity: "warning", message: "", action: "", actionKind, evidence: { webhookIds: [] }, dismissed: false, ...more };
}

describe("the samples of the bar", () => {
  it("are the newest ninety", () => {
    const points = Array.from({ length: 96 }, (_, index) => point(index));
    expect(samples(points)).toHaveLength(90);
    expect(samples(points)[0]?.at).toBe(at(6));
    expect(samples(points.slice(0, 60))).toHaveLength(60);
  });

  it("are unknown where the hub says a word that is new", () => {
    expect(beatState("maintenance")).toBe("maintenance");
    expect(beatState("resting")).toBe("unknown");
  });
});

describe("incidents on the chart", () => {
  const shown = covered({ window: "1h", step: MINUTE, points: [point(0), point(59)], incidents: [] });

  it("are cut to the time that is shown, and reach its end while open", () => {
    expect(incidentSpans([incident("before", -30, 10), incident("open", 50, null)], shown)).toEqual([
      { id: "before", severity: "critical", from: start, to: start + 10 * MINUTE },
      { id: "open", severity: "critical", from: start + 50 * MINUTE, to: start + 60 * MINUTE },
    ]);
  });

  it("are left out where they ended before", () => expect(incidentSpans([incident("old", -30, -10)], shown)).toEqual([]));
});

describe("the time axis", () => {
  it("has few marks, on round times", () => {
    const hours = chartTicks(start + 7 * MINUTE, start + 24 * 60 * MINUTE + 7 * MINUTE);
    expect(hours).toEqual([4, 8, 12, 16, 20, 24].map((hour) => start + hour * 60 * MINUTE));
    expect(chartTicks(start, start)).toEqual([]);
  });
});

describe("a recommendation's way", () => {
  const admin = { change: true, test: true };
  const viewer = { change: false, test: false };

  it("is the form for who may change, and the configuration to read for others", () => {
    expect(wayOf(advice("edit_configuration"), admin)).toEqual({ kind: "edit" });
    expect(wayOf(advice("rotate"), viewer)).toEqual({ kind: "configuration" });
  });

  it("is the one webhook that it is about, or their list", () => {
    expect(wayOf(advice("open_webhooks", { evidence: { webhookIds: ["a"] } }), viewer)).toEqual({ kind: "webhook", webhookId: "a" });
    expect(wayOf(advice("open_webhooks", { evidence: { webhookIds: ["a", "b"] } }), viewer)).toEqual({ kind: "webhooks" });
  });

  it("opens no address but a web page's", () => {
    expect(wayOf(advice("open_provider", { link: "https://dashboard.example.com" }), viewer)).toEqual({ kind: "provider", link: "https://dashboard.example.com" });
    expect(wayOf(advice("open_provider", { link: "javascript:alert(1)" }), viewer)).toEqual({ kind: "configuration" });
  });

  it("offers no test to who may not", () => {
    expect(wayOf(advice("test"), viewer)).toBeNull();
    expect(wayOf(advice("none"), admin)).toBeNull();
  });
});

describe("the window", () => {
  it("is 24 hours unless the address says another that there is", () => {
    expect(readHealthSearch({ window: "7d" })).toEqual({ window: "7d" });
    expect(readHealthSearch({ window: "24h" })).toEqual({ window: undefined });
    expect(readHealthSearch({ window: "1y" })).toEqual({ window: undefined });
  });
});

describe("the change of the score", () => {
  it("is unknown where either is", () => {
    expect(scoreChange(90.04, 95)).toBe(-5);
    expect(scoreChange(90, null)).toBeNull();
  });
});

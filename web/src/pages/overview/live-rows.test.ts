/** The overview follows the stream: order, filters, what comes and goes; and its filters are in the address. */
import { describe, expect, it } from "vitest";
import { readHealth, readRemoved } from "~/parts/health-events";
import { parseSearch, stringifySearch } from "~/parts/search-parameters";
import type { HealthOverview, HealthSummary } from "~/queries/overview";
import { type OverviewPages, belongs, rowsOf, withChanges } from "./live-rows";
import { isFiltered, readOverviewSearch } from "./route";

const row = (integrationId: string, over: Partial<HealthSummary> = {}): HealthSummary => ({
  integrationId, partnerId: "p", partnerName: "Kopi Senja", integrationType: "payment_gateway", provider: "midtrans", displayName: "Midtrans", isActive: true,
  testMode: true, healthStatus: "healthy", healthScore: 99, provisional: false, totalRequests: 9, successCount: 9, connectionStatus: "healthy",
  deliveriesStatus: "healthy", paused: false, facts: [], changedAt: "2026-02-21T10:00:00.000Z", ...over,
});

function page(number: number, totalPages: number, data: HealthSummary[]): HealthOverview {
  return { success: true, data, stats: [], providers: [], pagination: { total: data.length, page: number, limit: 500, totalPages } };
}

function pages(...lists: HealthSummary[][]): OverviewPages {
  return { pages: lists.map((list, index) => page(index + 1, lists.length, list)), pageParams: lists.map((_, index) => index + 1) };
}

const ids = (all: OverviewPages) => rowsOf(all).map((one) => one.integrationId);

describe("the order", () => {
  it("is incidents first, then the worst band and score, and the unknown last", () => {
    const all = pages([
      row("1"), row("2", { healthStatus: "unknown", healthScore: null }), row("3", { healthStatus: "critical", healthScore: 30 }),
      row("4", { healthStatus: "critical", healthScore: 10 }), row("5", { healthStatus: "warning", openIncidentId: "i" }),
    ]);
    expect(ids(all)).toEqual(["5", "4", "3", "1", "2"]);
  });

  it("has a row once, though it moved between two pages while they were fetched", () => {
    expect(ids(pages([row("1")], [row("1"), row("2")]))).toEqual(["1", "2"]);
  });
});

describe("a change", () => {
  const told = (...rows: HealthSummary[]) => new Map(rows.map((one) => [one.integrationId, one]));

  it("moves its row to where it now belongs", () => {
    const after = withChanges(pages([row("1"), row("2")]), told(row("2", { healthStatus: "critical", healthScore: 5 })), {});
    expect(ids(after)).toEqual(["2", "1"]);
  });

  it("brings in a row that was not there, and takes one away that is gone", () => {
    expect(ids(withChanges(pages([row("1")]), told(row("2")), {}))).toEqual(["1", "2"]);
    expect(ids(withChanges(pages([row("1"), row("2")]), new Map([["1", null]]), {}))).toEqual(["2"]);
  });

  it("takes a row away that the filter no longer matches", () => {
    const filter = { healthStatus: ["critical" as const] };
    expect(ids(withChanges(pages([row("1", { healthStatus: "critical" })]), told(row("1")), filter))).toEqual([]);
  });

  it("leaves to later pages what comes after the rows that are here", () => {
    const first: OverviewPages = { pages: [page(1, 2, [row("1", { healthStatus: "critical" })])], pageParams: [1] };
    expect(ids(withChanges(first, told(row("2")), {}))).toEqual(["1"]);
    expect(ids(withChanges(first, told(row("2", { healthStatus: "critical", healthScore: 3 })), {}))).toEqual(["2", "1"]);
  });
});

it("a search finds a name, a provider or a partner, as the hub does", () => {
  expect([belongs(row("1"), { q: "SENJA" }), belongs(row("1"), { q: "midt" }), belongs(row("1"), { q: "x" })]).toEqual([true, true, false]);
  expect([belongs(row("1"), { partnerId: "q" }), belongs(row("1"), { provider: "fonnte" }), belongs(row("1"), { integrationType: "whatsapp" })]).not.toContain(true);
});

it("an event that this version does not understand is left out", () => {
  expect(readHealth({ integrationId: "1", displayName: "x", healthStatus: "splendid" })).toBeUndefined();
  expect(readHealth(row("1"))?.integrationId).toBe("1");
  expect([readRemoved({ integrationId: "1" }), readRemoved("1"), readRemoved(null)]).toEqual(["1", undefined, undefined]);
});

describe("filters in the address", () => {
  it("come back the same", () => {
    const text = "?q=kopi&partner=01a215a4-8052-7000-8000-11df6bef6ccf&type=whatsapp&provider=fonnte&status=critical&status=unknown";
    expect(stringifySearch({ ...readOverviewSearch(parseSearch(text)) })).toBe(text);
  });

  it("drop what nobody knows", () => {
    expect(isFiltered(readOverviewSearch({ partner: "../x", type: "fax", provider: "A B", status: "fine" }))).toBe(false);
  });
});

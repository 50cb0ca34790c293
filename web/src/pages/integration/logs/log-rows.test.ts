/** The log's filters in the address, its counts, its tail, and what an entry leads to. */
import { describe, expect, it } from "vitest";
import { parseSearch, stringifySearch } from "~/parts/search-parameters";
import { type Log, exportPath } from "~/queries/logs";
import { countsBy, isFiltered, linksOf, withNewest } from "./log-rows";
import { readLogSearch } from "./route";

const log = (id: string): Log => ({ id, integrationId: "i", action: "test", status: "success", message: "", createdAt: "2026-02-21T10:00:00.000Z" });
const ids = (logs: readonly Log[]) => logs.map((one) => one.id);

describe("filters in the address", () => {
  it("come back the same", () => {
    const text = "?action=test&action=webhook&status=failed&startDate=2026-02-21&errorType=timeout&q=kopi";
    const search = readLogSearch(parseSearch(text));
    expect(search).toMatchObject({ action: ["test", "webhook"], status: ["failed"], startDate: "2026-02-21", errorType: "timeout", q: "kopi" });
    expect(parseSearch(stringifySearch({ ...search }))).toMatchObject({ action: ["test", "webhook"], q: "kopi" });
  });

  it("drop what the hub does not know, so that an old link still opens", () => {
    expect(isFiltered(readLogSearch({ action: "made-up", status: ["x"], errorType: "y", startDate: "yesterday" }))).toBe(false);
  });

  it("go with an export", () => {
    expect(exportPath("1", "csv", { status: ["failed", "pending"], q: "a b" })).toBe("/api/admin/integrations/1/logs/export?format=csv&status=failed&status=pending&q=a+b");
  });
});

it("counts add up over the other word", () => {
  const stats = [{ action: "test", status: "failed", count: 2 }, { action: "webhook", status: "failed", count: 3 }, { action: "test", status: "success", count: 5 }];
  expect(countsBy(stats, "status")).toEqual({ failed: 5, success: 5 });
  expect(countsBy(stats, "action")).toEqual({ test: 7, webhook: 3 });
});

describe("the tail", () => {
  it("puts new rows on top, each once", () => {
    const { rows, gap } = withNewest([log("2"), log("1")], [log("3"), log("2")]);
    expect([ids(rows), gap]).toEqual([["3", "2", "1"], false]);
  });

  it("tells when rows are missing between", () => {
    expect(withNewest([log("1")], [log("9"), log("8")]).gap).toBe(true);
    expect(withNewest([], [log("9")]).gap).toBe(false);
    expect(withNewest([log("1")], []).gap).toBe(false);
  });
});

describe("an entry", () => {
  const id = (end: number) => `01a214b1-b2bd-7000-8000-00000000000${end}`;
  it("leads to its event, delivery and webhook", () => {
    expect(linksOf({ requestData: { webhookId: id(1), deliveryId: id(2), eventId: id(3) }, responseData: { eventIds: [id(3), id(4)] } })).toEqual({ eventIds: [id(3), id(4)], deliveryId: id(2), webhookId: id(1), notificationId: null });
  });
  it("leads nowhere with what is no id", () => {
    expect(linksOf({ requestData: { eventId: "../x", deliveryId: 5 }, responseData: null })).toEqual({ eventIds: [], deliveryId: null, webhookId: null, notificationId: null });
  });
});

/** How long an incident has lasted, and what an address narrows the list by. */
import { expect, test } from "vitest";
import { readIncidentsSearch } from "./route";
import { lasted } from "./timeline";

const startedAt = "2026-11-26T01:00:00Z";
const started = Date.parse(startedAt);

test("an open incident goes on lasting after the hub has answered", () => {
  expect(lasted({ startedAt, closedAt: null, duration: 60_000 }, started + 90_000)).toBe(90_000);
});

test("a clock that is behind the hub's does not make it shorter", () => {
  expect(lasted({ startedAt, closedAt: null, duration: 60_000 }, started + 5_000)).toBe(60_000);
});

test("a closed incident keeps its length", () => {
  expect(lasted({ startedAt, closedAt: "2026-11-26T01:01:00Z", duration: 60_000 }, started + 9_000_000)).toBe(60_000);
});

test("what an old link says that is not known is left out", () => {
  expect(readIncidentsSearch({ state: "ajar", kind: "webhook", severity: "critical", partner: " p1 ", page: "1" })).toEqual({
    state: undefined, kind: "webhook", severity: "critical", partner: "p1", provider: undefined, page: undefined,
  });
});

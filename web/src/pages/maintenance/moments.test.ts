/** What is typed is a time in the zone that the page shows, wherever the browser is. */
import { expect, test } from "vitest";
import { instantOf, typedOf } from "./moments";

test("a typed time is one of the shown zone", () => {
  expect(instantOf("2026-11-26T22:00", "Asia/Jakarta")).toBe("2026-11-26T15:00:00.000Z");
  expect(instantOf("2026-11-26T00:30", "Asia/Jayapura")).toBe("2026-11-25T15:30:00.000Z");
});

test("the day on which clocks change keeps its hours", () => {
  expect(instantOf("2026-03-29T01:30", "Europe/Berlin")).toBe("2026-03-29T00:30:00.000Z");
  expect(instantOf("2026-03-29T04:00", "Europe/Berlin")).toBe("2026-03-29T02:00:00.000Z");
});

test("a moment is shown as it would be typed", () => {
  expect(typedOf(Date.parse("2026-11-26T15:00:59Z"), "Asia/Jakarta")).toBe("2026-11-26T22:00");
});

test("what is no time is none", () => {
  expect(instantOf("", "Asia/Jakarta")).toBeNull();
  expect(instantOf("besok", "Asia/Jakarta")).toBeNull();
});

/** Numbers, times and durations in both languages. */
import { describe, expect, it } from "vitest";
import { formatFor } from "./format";

const english = formatFor("en", "Asia/Jakarta");
const indonesian = formatFor("id", "Asia/Jakarta");
const now = Date.parse("2026-02-21T10:00:00.000Z");

describe("format", () => {
  it("writes numbers as the language does", () => {
    expect(english.number(1234567.891, 1)).toBe("1,234,567.9");
    expect(indonesian.number(1234567.891, 1)).toBe("1.234.567,9");
    expect(english.percent(99.5)).toBe("99.5 %");
    expect(indonesian.percent(99.5)).toBe("99,5 %");
  });

  it("shows Jakarta's time, seven hours ahead of UTC, unless told otherwise", () => {
    expect(english.dateTime(now)).toContain("17:00");
    expect(english.exact(now)).toMatch(/21 February 2026.*17:00:00/);
    expect(indonesian.exact(now)).toMatch(/21 Februari 2026.*17\.00\.00/);
    expect(formatFor("en", "UTC").dateTime(now)).toContain("10:00");
  });

  it.each([
    [0, "0 ms", "0 ms"],
    [999, "999 ms", "999 ms"],
    [1_400, "1.4 s", "1,4 dtk"],
    [59_000, "59 s", "59 dtk"],
    [61_000, "1 min 1 s", "1 mnt 1 dtk"],
    [7_200_000, "2 h", "2 jam"],
    [7_500_000, "2 h 5 min", "2 jam 5 mnt"],
    [90_000_000, "1 d 1 h", "1 hari 1 jam"],
  ])("says %d ms in words", (ms, inEnglish, inIndonesian) => {
    expect([english.duration(ms), indonesian.duration(ms)]).toEqual([inEnglish, inIndonesian]);
  });

  it.each([
    [-2_000, "now"],
    [-20_000, "20 seconds ago"],
    [-120_000, "2 minutes ago"],
    [10_800_000, "in 3 hours"],
    [-86_400_000, "yesterday"],
    [-8 * 86_400_000, "8 days ago"],
    [-90 * 86_400_000, "3 months ago"],
  ])("says how far %d ms is from now", (difference, text) => expect(english.relative(now + difference, now)).toBe(text));

  it("speaks Indonesian", () => expect(indonesian.relative(now - 120_000, now)).toBe("2 menit yang lalu"));

  it("shortens sizes", () => expect([english.bytes(512), english.bytes(1_536), english.bytes(2_500_000)]).toEqual(["512 B", "1.5 kB", "2.5 MB"]));
});

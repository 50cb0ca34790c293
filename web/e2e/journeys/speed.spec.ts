/** How fast the overview stands: what the first load transfers, and when its largest content is painted. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { onStage } from "../stage/stage";
import { trade } from "../stage/trade";

const stage = onStage();
const LARGEST_PAINT_MS = 1_000;
const FIRST_LOAD_BYTES = 300_000;
const ATTEMPTS = 3;

/** The start of the last largest-contentful-paint entry, in milliseconds since the navigation began. */
async function largestPaint(page: Page): Promise<number> {
  return page.evaluate(
    () =>
      new Promise<number>((resolved, failed) => {
        let largest = 0;
        new PerformanceObserver((list) => {
          for (const entry of list.getEntries()) largest = Math.max(largest, entry.startTime);
        }).observe({ type: "largest-contentful-paint", buffered: true });
        setTimeout(() => (largest > 0 ? resolved(largest) : failed(new Error("the browser told of no largest paint"))), 600);
      }),
  );
}

/** The dashboard's own files that the page has fetched, compressed as they came. Not the data, which grow with the integrations. */
async function transferred(page: Page): Promise<{ total: number; files: string[] }> {
  return page.evaluate(() => {
    const entries = [...performance.getEntriesByType("navigation"), ...performance.getEntriesByType("resource")].filter(
      (entry) => !new URL(entry.name).pathname.startsWith("/api/"),
    ) as PerformanceResourceTiming[];
    return {
      total: entries.reduce((sum, entry) => sum + entry.encodedBodySize, 0),
      files: entries.map((entry) => `${entry.encodedBodySize} ${new URL(entry.name).pathname}`),
    };
  });
}

test("the first load of the filled overview is small, and its largest content is painted within a second", async () => {
  await trade(stage());
  const paints: number[] = [];
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    // A window of its own each time: nothing is kept from the load before.
    const page = await stage().signedIn();
    await page.goto("/");
    await page.getByRole("row").filter({ hasText: "Kopi Senja Nusantara" }).first().waitFor();
    paints.push(await largestPaint(page));
    const { total, files } = await transferred(page);
    const told = `${total} bytes:\n${files.join("\n")}`;
    expect(total, told).toBeGreaterThan(10_000);
    expect(total, told).toBeLessThan(FIRST_LOAD_BYTES);
    if (Math.min(...paints) < LARGEST_PAINT_MS) break;
  }
  // The best of three: other programs on the machine slow a load down, and none speeds it up.
  expect(Math.min(...paints), `painted after ${paints.map(Math.round).join(", ")} ms`).toBeLessThan(LARGEST_PAINT_MS);
});

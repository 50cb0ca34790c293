/** Ten thousand integrations in the overview: all of them come by themselves, and whoever scrolls sees rows, never a hole. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectNoBarriers, expectNoSidewaysScroll, onStage, picture } from "../stage/stage";

const stage = onStage();
const ROWS = 10_000;
const LONG = { timeout: 60_000 };
/** Pixels that a scroll goes in one frame: less than the table shows, so that every row is drawn once. */
const STRIDE = 500;
const BANDS = ["critical", "degraded", "warning", "healthy"];
/** As one who drags the bar. */
const LEAP = 9_000;

interface Row {
  readonly integrationId: string;
  readonly [name: string]: unknown;
}

interface Overview {
  readonly success: boolean;
  readonly data: Row[];
  readonly stats: unknown[];
  readonly providers: unknown[];
  readonly pagination: Record<string, unknown>;
}

/** How a scroll went. */
interface Ride {
  /** Milliseconds between frames. */
  readonly frames: number[];
  /** Frames in which the top or the bottom of the table showed no row. */
  readonly holes: number;
  /** Different rows that were drawn. */
  readonly seen: number;
  /** Rows in the document at once, at most. */
  readonly most: number;
}

/**
 * The hub's own answer for one integration, given out ten thousand times, as many at once as the hub gives; the worst come first.
 * Making so many through the API takes a test hub minutes; how fast a hub answers with them is measured in `bench/`.
 */
async function multiplied(page: Page): Promise<void> {
  await page.route(/\/api\/admin\/health\?/, async (route) => {
    const address = new URL(route.request().url());
    const asked = new URLSearchParams(address.search);
    address.searchParams.set("page", "1");
    const answer = await route.fetch({ url: address.href });
    const overview = (await answer.json()) as Overview;
    const limit = Number(asked.get("limit"));
    const number = Number(asked.get("page") ?? 1);
    const [one] = overview.data;
    if (!one) throw new Error("the hub told of no integration");
    const first = (number - 1) * limit;
    const data = Array.from({ length: Math.max(0, Math.min(limit, ROWS - first)) }, (_, index) => made(one, first + index));
    await route.fulfill({
      response: answer,
      json: { ...overview, data, pagination: { ...overview.pagination, page: number, limit, total: ROWS, totalPages: Math.ceil(ROWS / limit) } },
    });
  });
}

function made(one: Row, index: number): Row {
  const place = String(index + 1).padStart(5, "0");
  return {
    ...one,
    integrationId: `00000000-0000-7000-8000-0000000${place}`,
    displayName: index % 7 === 3 ? `Midtrans ${place} Cabang Kemang Raya dan Sekitarnya` : `Midtrans ${place}`,
    healthStatus: BANDS[Math.floor((index / ROWS) * BANDS.length)] ?? "healthy",
    healthScore: 1 + (index / ROWS) * 98,
    openIncidentId: null,
    paused: index % 50 === 0,
    isActive: index % 40 !== 1,
  };
}

/** Scrolls the table by so many pixels a frame, and looks at each frame. */
async function ride(page: Page, stride: number): Promise<Ride> {
  return page.getByRole("grid").evaluate(
    (grid, stride) =>
      new Promise<Ride>((finished) => {
        const frames: number[] = [];
        const seen = new Set<string>();
        const end = () => (stride > 0 ? grid.scrollTop >= grid.scrollHeight - grid.clientHeight - 1 : grid.scrollTop <= 0);
        const box = grid.getBoundingClientRect();
        const isRow = (y: number) => document.elementFromPoint(box.left + 200, y)?.closest("[data-index]") != null;
        let holes = 0;
        let most = 0;
        let before = performance.now();
        const frame = (now: number) => {
          frames.push(now - before);
          before = now;
          const drawn = grid.querySelectorAll<HTMLElement>("[data-index]");
          most = Math.max(most, drawn.length);
          for (const row of drawn) seen.add(row.dataset.index ?? "");
          if (!isRow(box.top + 60) || !isRow(Math.min(box.bottom, innerHeight) - 20)) holes += 1;
          if (end()) return finished({ frames: frames.slice(1), holes, seen: seen.size, most });
          grid.scrollTop += stride;
          requestAnimationFrame(frame);
        };
        requestAnimationFrame(frame);
      }),
    stride,
  );
}

function told(name: string, { frames }: Ride): string {
  const sorted = frames.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  const mean = frames.reduce((sum, frame) => sum + frame, 0) / frames.length;
  return `${name}: ${frames.length} frames, mean ${mean.toFixed(1)} ms, p95 ${at(0.95)} ms, longest ${at(1)} ms`;
}

/** The overview with all rows read. */
async function filled(page: Page): Promise<void> {
  await multiplied(page);
  await page.goto("/");
  const grid = page.getByRole("grid");
  await grid.waitFor();
  expect(await grid.getAttribute("aria-rowcount")).toBe(String(ROWS + 1));
  await expect.poll(() => grid.evaluate((element) => element.scrollHeight), LONG).toBeGreaterThan(ROWS * 50);
}

test("all ten thousand come by themselves, and a scroll from the first to the last and back shows rows in every frame", async () => {
  const partner = await stage().partner("Kopi Senja");
  await stage().integration(partner, "payment_gateway", "midtrans");
  const page = await stage().signedIn();
  await filled(page);
  const down = await ride(page, STRIDE);
  const last = page.getByRole("row").filter({ hasText: "Midtrans 10000" });
  await last.waitFor();
  const up = await ride(page, -LEAP);
  await page.getByRole("row").filter({ hasText: "Midtrans 00001" }).waitFor();
  process.stdout.write(`${told("down", down)}\n${told("up", up)}\n`);
  expect(down.seen, "every row was drawn once").toBe(ROWS);
  for (const { holes, most, frames } of [down, up]) {
    expect(most, "only what is near is in the document").toBeLessThan(60);
    expect(holes, "frames with a hole").toBeLessThanOrEqual(frames.length / 100);
  }
}, 180_000);

test("the wheel, the scroll bar and the End key find rows at once", async () => {
  const page = await stage().signedIn();
  await filled(page);
  const grid = page.getByRole("grid");
  await grid.hover();
  for (let turn = 0; turn < 20; turn += 1) await page.mouse.wheel(0, 700);
  await expect.poll(() => grid.evaluate((element) => element.scrollTop), LONG).toBeGreaterThan(10_000);
  await grid.evaluate((element) => element.scrollTo(0, element.scrollHeight / 2));
  await expect.poll(async () => (await grid.getByRole("row").nth(8).innerText()).replaceAll("\n", " "), LONG).toMatch(/Midtrans 0(49|50)/);
  await picture(page, "overview-10000-desktop-light");
  await expectNoBarriers(page);
  await grid.locator('[role="row"][tabindex="0"]').focus();
  await page.keyboard.press("End");
  await expect.poll(() => page.evaluate(() => document.activeElement?.textContent ?? ""), LONG).toContain("Midtrans 10000");
}, 120_000);

test("on a phone in the dark, ten thousand with long names are whole rows too", async () => {
  const page = await stage().signedIn({ width: "phone", colours: "dark", language: "id" });
  await filled(page);
  const { holes, most, frames } = await ride(page, LEAP / 3);
  expect(holes, "frames with a hole").toBeLessThanOrEqual(frames.length / 100);
  expect(most, "only what is near is in the document").toBeLessThan(60);
  await picture(page, "overview-10000-phone-dark");
  await expectNoBarriers(page);
  await expectNoSidewaysScroll(page);
}, 120_000);

/** Every page, filled with a working day, in all its forms: desktop and phone, light and dark, English and Indonesian. */
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import type { Width } from "../stage/browser";
import { expectNoBarriers, expectNoSidewaysScroll, onStage, picture } from "../stage/stage";
import { type Trade, trade } from "../stage/trade";

const stage = onStage();
/** Milliseconds for all pages at one width: some forty seconds on a machine of two cores. */
const PATIENCE = 120_000;
let day: Trade;

beforeAll(async () => {
  day = await trade(stage());
});

interface Visit {
  readonly name: string;
  readonly path: string;
  /** What is done before the picture is taken. */
  readonly then?: (page: Page) => Promise<void>;
}

function visits(): Visit[] {
  const { partner, integration, webhook, delivery, event, incident } = day;
  return [
    { name: "overview", path: "/" },
    { name: "palette", path: "/", then: openPalette },
    { name: "guide", path: "/guide" },
    { name: "partners", path: "/partners" },
    { name: "partner", path: `/partners/${partner}` },
    { name: "new-integration-provider", path: `/partners/${partner}/integrations/new` },
    { name: "new-integration-form", path: `/partners/${partner}/integrations/new?type=payment_gateway&provider=stripe` },
    { name: "new-integration-created", path: `/partners/${partner}/integrations/new?created=${integration}` },
    { name: "edit-integration", path: `/integrations/${integration}/edit` },
    { name: "health", path: `/integrations/${integration}/health` },
    { name: "webhook", path: `/integrations/${integration}/webhooks/${webhook}` },
    { name: "new-webhook", path: `/integrations/${integration}/webhooks/new` },
    { name: "edit-webhook", path: `/integrations/${integration}/webhooks/${webhook}/edit` },
    { name: "notifications", path: `/integrations/${integration}/events/notifications` },
    { name: "event", path: `/integrations/${integration}/events/${event}` },
    { name: "delivery", path: `/deliveries/${delivery}` },
    { name: "incident", path: `/incidents/${incident}` },
    { name: "users", path: "/users" },
    { name: "api-keys", path: "/api-keys" },
    { name: "settings", path: "/settings" },
    { name: "nowhere", path: "/nowhere-to-be-found" },
  ];
}

async function openPalette(page: Page): Promise<void> {
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog");
  await palette.locator("input").fill("kopi");
  await palette.getByText("Kopi Senja Nusantara").first().waitFor();
}

/** The page's heading and data stand; the live stream keeps the network from ever being idle. */
async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForFunction(() => document.querySelector(".mantine-Skeleton-root") === null);
  await page.evaluate(() => document.fonts.ready.then(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)))));
}

/** Colours that are still changing into one another would be measured halfway. */
async function stilled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    const ending = document.getAnimations().filter((one) => Number.isFinite(Number(one.effect?.getComputedTiming().endTime)));
    await Promise.allSettled(ending.map((one) => one.finished));
  });
}

/** Looks at the page in both colours: the colours of a first visit follow the browser's. */
async function looked(page: Page, name: string, width: Width): Promise<void> {
  for (const colours of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme: colours });
    await page.locator(`html[data-mantine-color-scheme=${colours}]`).waitFor();
    await stilled(page);
    await expectNoBarriers(page);
    if (width === "phone") await expectNoSidewaysScroll(page);
    await picture(page, `page-${name}-${width}-${colours}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
}

for (const [width, language] of [["desktop", "en"], ["phone", "id"]] as const)
  test(`every page stands without barriers, light and dark: ${width}, ${language}`, async () => {
    const visitor = await stage().visitor({ width, language });
    await visitor.goto("/sign-in");
    await settled(visitor);
    await looked(visitor, "sign-in", width);
    const page = await stage().signedIn({ width, language });
    const trouble: string[] = [];
    for (const visit of visits()) {
      await page.goto(visit.path);
      // All pages are looked at, and what is wrong is told of all at once.
      try {
        await settled(page);
        await visit.then?.(page);
        await looked(page, visit.name, width);
      } catch (error) {
        const found = error instanceof Error && "actual" in error ? JSON.stringify(error.actual) : "";
        trouble.push(`${visit.name}: ${error instanceof Error ? error.message : String(error)} ${found}`);
      }
    }
    expect(trouble).toEqual([]);
  }, PATIENCE);

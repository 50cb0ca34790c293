/** A bulk replay to a slow program as an operator steers it: seen moving, held midway, gone on with to the end; and one cancelled. */
import type { Locator, Page } from "playwright-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import { SlowProgram } from "../stage/slow-program";
import { expectNoBarriers, expectNoSidewaysScroll, onStage, picture } from "../stage/stage";

const stage = onStage();
/** The hub sends no more while a thousand wait for the program: a replay has to be longer than that to be caught midway. */
const EVENTS = 2_000;
const AT_ONCE = 20;
const PATIENCE = 150_000;
const LONG = { timeout: 60_000 };
let program: SlowProgram;

beforeEach(async () => {
  program = await SlowProgram.start();
});
afterEach(() => program.stop());

/** A webhook to the program that has had all these events, and its integration. */
async function supplied(name: string): Promise<{ integration: string; webhook: string }> {
  const { hub, key } = stage();
  const { id: integration } = await stage().integration(await stage().partner(name), "payment_gateway", "midtrans");
  const { id: webhook } = await hub.api<{ id: string }>(key, "POST", `/api/admin/integrations/${integration}/webhooks`, { webhookUrl: program.url, concurrency: 10, events: ["payment.*"] });
  let sent = 0;
  const send = async () => {
    while (sent < EVENTS) {
      sent += 1;
      await hub.api(key, "POST", `/api/admin/integrations/${integration}/events`, { type: "payment.success", data: { reference: `INV-${sent}`, amount: 25_000, currency: "IDR" } });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, send));
  await expect.poll(() => program.count, LONG).toBe(EVENTS);
  return { integration, webhook };
}

/** Starts a replay of what was delivered; answers its card. */
async function started(page: Page, path: string): Promise<Locator> {
  await page.goto(path);
  await page.getByRole("combobox", { name: "Status" }).or(page.getByRole("textbox", { name: "Status" })).click();
  await page.getByRole("option", { name: "Success" }).click();
  await page.getByRole("button", { name: "Count", exact: true }).click();
  await page.getByText("2,000 deliveries would be sent again").waitFor();
  await page.getByRole("button", { name: "Send 2,000 again" }).click();
  return page.getByRole("article").filter({ has: page.getByRole("progressbar", { name: "Progress" }) });
}

async function percent(replay: Locator): Promise<number> {
  return Number(await replay.getByRole("progressbar").getAttribute("aria-valuenow"));
}

test("a bulk replay to a slow program is seen moving, held midway, and goes on to the end", async () => {
  const { integration, webhook } = await supplied("Kopi Tahan");
  const path = `/integrations/${integration}/webhooks/${webhook}?view=replays`;
  program.delay = 300;
  const page = await stage().signedInAs("operator");
  const replay = await started(page, path);
  await replay.getByText("Running", { exact: true }).waitFor();
  await expect.poll(() => percent(replay), LONG).toBeGreaterThan(0);
  const first = await percent(replay);
  expect(first).toBeLessThan(100);
  await replay.getByText("left", { exact: false }).waitFor();
  await expect.poll(() => percent(replay), LONG).toBeGreaterThan(first);
  await picture(page, "replay-running-desktop-light");

  await replay.getByRole("button", { name: "Pause" }).click();
  await replay.getByText("Paused", { exact: true }).waitFor();
  const held = await percent(replay);
  expect(held, "midway").toBeLessThan(100);
  const [before, words] = [program.count, await replay.getByRole("status").innerText()];
  await expectNoBarriers(page);
  await picture(page, "replay-held-desktop-light");
  // What is on its way already is delivered, which makes room for more; a held replay does not take it.
  program.delay = 0;
  const sent = Number(/^[\d,]+/.exec(words)?.[0].replace(",", ""));
  await expect.poll(() => program.count, LONG).toBe(EVENTS + sent);
  expect(program.count).toBeGreaterThan(before);
  await page.reload();
  await replay.getByText("Paused", { exact: true }).waitFor();
  expect(await replay.getByRole("status").innerText()).toBe(words);
  const phone = await stage().signedIn({ width: "phone", colours: "dark", language: "id" });
  await phone.goto(path);
  await phone.getByRole("button", { name: "Lanjutkan" }).scrollIntoViewIfNeeded();
  await expectNoSidewaysScroll(phone);
  await expectNoBarriers(phone);
  await picture(phone, "replay-held-phone-dark");

  await replay.getByRole("button", { name: "Resume" }).click();
  await replay.getByText("Completed", { exact: true }).waitFor(LONG);
  await replay.getByText("2,000 of 2,000 sent again (100 %)").waitFor();
  expect(await replay.getByRole("button").count(), "nothing is left to steer").toBe(0);
  await expect.poll(() => program.timesSeen(), { ...LONG, message: "each event came once more, none twice" }).toEqual({ 2: EVENTS });

  program.delay = 300;
  const again = (await started(page, path)).first();
  await again.getByText("Running", { exact: true }).waitFor();
  await again.getByRole("button", { name: "Cancel" }).click();
  await again.getByText("Cancelled", { exact: true }).waitFor();
  expect(await percent(again)).toBeLessThan(100);
  expect(await again.getByRole("button").count(), "a cancelled one does not go on").toBe(0);
  program.delay = 0;
}, PATIENCE);

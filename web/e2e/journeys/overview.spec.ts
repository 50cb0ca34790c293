/** The overview as the operations people watch it: worst first, falling and recovering by itself, filtered, on a phone, by keyboard. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectNoBarriers, expectNoSidewaysScroll, onStage, picture } from "../stage/stage";

const stage = onStage();
const LONG = { timeout: 30_000 };

/** Tests the connection so often; a failed test is an answer too. */
async function tested(id: string, times: number): Promise<void> {
  const { hub, key } = stage();
  for (let time = 0; time < times; time += 1) {
    const answer = await fetch(`${hub.url}/api/admin/integrations/${id}/test`, { method: "POST", headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
  }
}

/** The row of an integration; the partner's name is unique in these journeys. */
function rowOf(page: Page, partner: string) {
  return page.getByRole("row").filter({ hasText: partner });
}

async function open(page: Page, path = "/", title = "Overview"): Promise<void> {
  await page.goto(path);
  await page.getByRole("heading", { level: 1, name: title }).waitFor();
  await page.getByRole("grid").waitFor();
}

test("nothing to watch yet leads to the first steps", async () => {
  const page = await stage().signedIn();
  await page.goto("/");
  await page.getByText("Nothing to watch yet").waitFor();
  await expectNoBarriers(page);
  await page.getByRole("link", { name: "Start with the first steps" }).click();
  await page.waitForURL("**/guide");
});

test("an integration falls while one watches, and recovers, without the page being loaded again", async () => {
  const { simulator } = stage();
  const partner = await stage().partner("Kopi Senja");
  const { id } = await stage().integration(partner, "whatsapp", "fonnte");
  const other = await stage().partner("Batik Kawung");
  const steady = await stage().integration(other, "payment_gateway", "midtrans");
  await tested(id, 3);
  await tested(steady.id, 6);

  const page = await stage().signedIn();
  await open(page);
  await page.getByText("Live", { exact: true }).waitFor();
  const row = rowOf(page, "Kopi Senja");
  await row.getByText("Healthy", { exact: true }).waitFor(LONG);
  await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));

  await simulator.fault("fonnte", "500");
  await tested(id, 4);
  await row.getByText(/^(Critical|Degraded|Warning)$/).waitFor(LONG);
  await expect.poll(() => page.getByRole("row").nth(1).innerText(), LONG).toContain("Kopi Senja");
  await expect.poll(() => page.getByRole("button", { name: /^Healthy/ }).innerText(), LONG).toMatch(/1$/);
  await expectNoBarriers(page);
  await picture(page, "overview-desktop-light");

  const score = async () => Number.parseFloat(await row.getByRole("gridcell").nth(1).innerText());
  const fallen = await score();
  await simulator.fault("fonnte", null);
  await tested(id, 6);
  await expect.poll(score, LONG).toBeGreaterThan(fallen);
  await row.getByText("Success", { exact: true }).waitFor(LONG);
  expect(await page.evaluate(() => "sameDocument" in globalThis), "the page was loaded again").toBe(true);
});

test("filters are in the address, and a link shows the same", async () => {
  const partner = await stage().partner("Warung Saring");
  await stage().integration(partner, "email_smtp", "mailgun");
  const page = await stage().signedIn();
  await open(page);
  await rowOf(page, "Warung Saring").waitFor();
  await page.getByRole("searchbox", { name: /search by name/i }).fill("saring");
  await page.waitForURL("**/?q=saring");
  await expect.poll(() => page.getByRole("row").count()).toBe(2);
  await page.getByRole("list", { name: "Providers" }).getByRole("button", { name: /Mailgun/ }).click();
  await page.waitForURL("**/?q=saring&provider=mailgun");
  await page.getByRole("button", { name: /^Critical/ }).click();
  await page.waitForURL("**/?q=saring&provider=mailgun&status=critical");
  await page.getByText("No integration matches").waitFor();
  await page.reload();
  await page.getByText("No integration matches").waitFor();
  expect(await page.getByRole("button", { name: /^Critical/ }).getAttribute("aria-pressed")).toBe("true");
  await page.getByRole("button", { name: "Clear filters" }).first().click();
  await page.getByRole("grid").waitFor();
  expect(new URL(page.url()).search).toBe("");
});

test("a row is reached and opened by keyboard alone", async () => {
  const partner = await stage().partner("Toko Papan Ketik");
  const { id } = await stage().integration(partner, "payment_gateway", "xendit");
  const page = await stage().signedIn();
  await open(page, "/?q=papan+ketik");
  await rowOf(page, "Toko Papan Ketik").waitFor();
  await page.getByRole("button", { name: /^Unknown/ }).focus();
  for (let step = 0; step < 4; step += 1) {
    await page.keyboard.press("Tab");
    if ((await page.evaluate(() => document.activeElement?.getAttribute("role"))) === "row") break;
  }
  await page.keyboard.press("Enter");
  await page.waitForURL(`**/integrations/${id}/**`);
});

test("on a phone, in the dark and in Indonesian, it fits; and the language switches", async () => {
  const partner = await stage().partner("Ponsel Jaya");
  await stage().integration(partner, "whatsapp", "wablas");
  const phone = await stage().signedIn({ width: "phone", colours: "dark", language: "id" });
  await open(phone, "/", "Ikhtisar");
  await rowOf(phone, "Ponsel Jaya").waitFor();
  await expectNoBarriers(phone);
  await expectNoSidewaysScroll(phone);
  await picture(phone, "overview-phone-dark");
  await phone.getByRole("button", { name: "Bahasa", exact: false }).first().click();
  await phone.getByRole("menuitemradio", { name: "English" }).or(phone.getByRole("menuitem", { name: "English" })).first().click();
  await phone.getByRole("heading", { level: 1, name: "Overview" }).waitFor();
});

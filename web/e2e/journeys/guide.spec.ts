/** The first-run guide as a newcomer walks it: from an empty hub, a form at a time, to the first event that arrives. */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { fieldsOf, filled, wrong } from "../stage/account-form";
import { EMAIL, PASSWORD } from "../stage/programs";
import { expectNoBarriers, expectNoSidewaysScroll, onStage, picture, tabTo } from "../stage/stage";

const stage = onStage();
/** Milliseconds for the whole guide, with a look for barriers at each step. */
const PATIENCE = 90_000;

function step(page: Page, name: string): Locator {
  return page.getByRole("main").getByRole("listitem").filter({ has: page.getByRole("heading", { level: 2, name }) });
}

/** The step at hand, by its place: 1 to 4. */
async function atHand(page: Page, place: number): Promise<void> {
  await page.locator(`li[aria-current=step]:nth-child(${place})`).waitFor();
}

test("a newcomer walks from an empty hub to a first event that arrives, past a wrong key and a receiver that refuses", async () => {
  const { simulator } = stage();
  const page = await stage().visitor();
  await page.goto("/");
  await page.getByLabel("E-mail", { exact: true }).fill(EMAIL);
  await page.getByLabel("Password", { exact: true }).fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText("Nothing to watch yet").waitFor();
  await page.getByRole("link", { name: "Start with the first steps" }).click();
  await page.waitForURL("**/guide");
  await page.getByRole("heading", { level: 1, name: "First steps" }).waitFor();
  await atHand(page, 1);
  expect(await page.getByRole("heading", { level: 2 }).allInnerTexts()).toEqual(["A partner", "Its account at a provider", "A passed connection test", "A delivered test event"]);
  await expectNoBarriers(page);
  await picture(page, "guide-partner-desktop-light");

  await page.getByLabel("Name of the new partner").fill("Kopi Perdana");
  await page.getByRole("button", { name: "Create partner" }).click();
  await atHand(page, 2);
  await step(page, "A partner").getByText("Kopi Perdana").waitFor();
  const account = step(page, "Its account at a provider");
  await account.getByRole("group", { name: "Type of integration" }).getByRole("button", { name: "Payment gateway", exact: true }).click();
  await expect.poll(() => account.getByRole("button", { name: /^Fonnte/ }).count(), { message: "other types are gone" }).toBe(0);
  await account.getByRole("button", { name: /^Midtrans/ }).click();
  await account.getByRole("heading", { name: "Connect Midtrans" }).waitFor();
  const fields = await fieldsOf(stage(), "midtrans");
  for (const field of fields.values()) await filled(page, field);
  const key = fields.get("serverKey");
  if (!key) throw new Error("Midtrans has no server key");
  await filled(page, key, wrong(key.value));
  await expectNoBarriers(page);
  await picture(page, "guide-account-desktop-light");
  await page.getByRole("button", { name: "Save integration" }).click();

  await atHand(page, 3);
  const connection = step(page, "A passed connection test");
  await connection.getByRole("button", { name: "Test the connection" }).click();
  const failed = connection.getByRole("listitem").filter({ hasText: "failed" });
  await failed.getByText("What to do").waitFor();
  expect(await connection.getByText("What to do").count(), "at the step that failed alone").toBe(1);
  expect((await failed.locator("p").last().innerText()).length, "the remedy says something").toBeGreaterThan(20);
  await atHand(page, 3);
  await expectNoBarriers(page);
  await failed.scrollIntoViewIfNeeded();
  await picture(page, "guide-refused-key-desktop-light");
  await connection.getByRole("link", { name: "Correct the credentials" }).click();
  await page.getByRole("heading", { level: 1, name: "Edit Midtrans" }).waitFor();
  await filled(page, key);
  await page.getByRole("button", { name: "Save", exact: true }).click();
  await page.waitForURL("**/guide?partner=*&integration=*");
  await atHand(page, 3);
  await connection.getByRole("button", { name: "Test the connection" }).click();

  await atHand(page, 4);
  const delivery = step(page, "A delivered test event");
  const address = delivery.getByLabel("Address of your program");
  await address.fill("not an address");
  await delivery.getByRole("button", { name: "Create webhook" }).click();
  await expect.poll(() => address.getAttribute("aria-invalid")).toBe("true");
  await simulator.receiver("salah", "500");
  await address.fill(simulator.receiverUrl("salah"));
  await delivery.getByRole("button", { name: "Create webhook" }).click();
  await delivery.getByText("It is shown this once", { exact: false }).waitFor();
  const secret = await delivery.getByText(/^whsec_/).innerText();
  await simulator.receiver("benar", "accept", secret);
  await delivery.getByRole("button", { name: "Send a test event" }).click();
  await delivery.getByText("Your program answered 500.", { exact: false }).waitFor();
  await atHand(page, 4);
  expect(await page.getByText("Everything works").count(), "a refused event is no end").toBe(0);
  await expectNoBarriers(page);
  await picture(page, "guide-refused-event-desktop-light");

  await delivery.getByRole("button", { name: "Change the address" }).click();
  await address.fill(simulator.receiverUrl("benar"));
  await delivery.getByRole("button", { name: "Save the address" }).click();
  await delivery.getByRole("button", { name: "Send a test event" }).click();
  const end = page.getByRole("heading", { level: 2, name: "Everything works" });
  await end.waitFor();
  await expect.poll(() => end.evaluate((element) => element === document.activeElement), { message: "the end is not out of sight" }).toBe(true);
  expect((await simulator.received("salah")).length).toBe(1);
  const received = await simulator.received("benar");
  expect(received.map((one) => [one.verified, one.answered])).toEqual([[true, 200]]);
  expect(JSON.parse(received[0]?.body ?? "{}")).toMatchObject({ type: "webhook.test" });
  await page.getByRole("heading", { level: 2, name: "A delivered test event (done)" }).waitFor();
  await page.getByText("One thing is left to do at the provider", { exact: false }).waitFor();
  const inbound = await page.getByText(/\/api\/inbound\//).innerText();
  await expectNoBarriers(page);
  await picture(page, "guide-end-desktop-light");

  await page.reload();
  await end.waitFor();
  expect(await page.content(), "the secret is shown once").not.toContain(secret);
  // What the end promises: the provider's next event reaches the program.
  expect(await simulator.notify("midtrans", "settlement", 71, inbound)).toBe(200);
  await expect.poll(async () => (await simulator.received("benar")).map((one) => one.verified), { timeout: 15_000 }).toEqual([true, true]);
  await page.getByRole("link", { name: "To Kopi Perdana" }).click();
  await page.getByRole("heading", { level: 1, name: "Kopi Perdana" }).waitFor();
}, PATIENCE);

test("the guide in Indonesian, on a phone in the dark, with the keyboard alone", async () => {
  const { simulator } = stage();
  const page = await stage().visitor({ width: "phone", colours: "dark", language: "id" });
  const looked = async (name: string) => {
    await expectNoSidewaysScroll(page);
    await expectNoBarriers(page);
    await picture(page, `guide-${name}-phone-dark`);
  };
  const press = async (role: "button" | "link", name: string | RegExp) => {
    await tabTo(page, page.getByRole("main").getByRole(role, { name }));
    await page.keyboard.press("Enter");
  };
  await page.goto("/guide");
  await page.getByRole("heading", { name: "Masuk" }).waitFor();
  await page.keyboard.type(EMAIL);
  await page.keyboard.press("Tab");
  await page.keyboard.type(PASSWORD);
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { level: 1, name: "Langkah pertama" }).waitFor();
  await atHand(page, 1);
  await looked("partner");
  await tabTo(page, page.getByLabel("Nama mitra baru"));
  await page.keyboard.type("Batik Perdana");
  await page.keyboard.press("Enter");

  await atHand(page, 2);
  await looked("provider");
  await press("button", /^Fonnte/);
  await page.getByRole("heading", { name: "Sambungkan Fonnte" }).waitFor();
  const token = (await fieldsOf(stage(), "fonnte")).get("token");
  await tabTo(page, page.getByLabel("Token perangkat", { exact: true }));
  await page.keyboard.type(wrong(token?.value ?? ""));
  await looked("account");
  await press("button", "Simpan integrasi");

  await atHand(page, 3);
  await looked("test");
  await press("button", "Uji koneksi");
  await page.getByText("Yang perlu dilakukan").waitFor();
  await page.getByText("Salin ulang token perangkat", { exact: false }).first().waitFor();
  await looked("refused-key");
  await press("link", "Perbaiki kredensial");
  const input = page.getByLabel("Token perangkat", { exact: true });
  await tabTo(page, input);
  await page.keyboard.press("Control+a");
  await page.keyboard.type(token?.value ?? "");
  await page.keyboard.press("Enter");
  await page.waitForURL("**/guide?*");
  await press("button", "Uji koneksi");

  await atHand(page, 4);
  await looked("delivery");
  await simulator.receiver("batik", "gone");
  await tabTo(page, page.getByLabel("Alamat program Anda"));
  await page.keyboard.type(simulator.receiverUrl("batik"));
  await page.keyboard.press("Enter");
  const secret = await page.getByText(/^whsec_/).innerText();
  await press("button", "Kirim event uji");
  await page.getByText("Program Anda menjawab 410.", { exact: false }).scrollIntoViewIfNeeded();
  await looked("refused-event");
  await simulator.receiver("batik", "accept", secret);
  await press("button", "Kirim lagi");
  await page.getByRole("heading", { level: 2, name: "Semuanya berfungsi" }).waitFor();
  expect((await simulator.received("batik")).at(-1)?.verified).toBe(true);
  await looked("end");
  await press("link", "Ke Batik Perdana");
  await page.getByRole("heading", { level: 1, name: "Batik Perdana" }).waitFor();
}, PATIENCE);

test("loaded again at any step, the guide goes on where it was left", async () => {
  const { hub, key, simulator } = stage();
  const page = await stage().signedIn();
  await page.goto("/guide");
  await page.getByLabel("Name of the new partner").fill("Toko Lanjut");
  await page.getByRole("button", { name: "Create partner" }).click();
  await atHand(page, 2);
  await page.reload();
  await atHand(page, 2);
  await step(page, "A partner").getByText("Toko Lanjut").waitFor();

  const partner = new URL(page.url()).searchParams.get("partner") ?? "";
  const integration = await stage().integration(partner, "whatsapp", "fonnte", "right");
  await page.reload();
  await step(page, "Its account at a provider").getByRole("button", { name: "Use Fonnte" }).click();
  await atHand(page, 3);
  await simulator.fault("fonnte", "wrong_key");
  await page.getByRole("button", { name: "Test the connection" }).click();
  await page.getByText("What to do").waitFor();
  await page.reload();
  await atHand(page, 3);
  await page.getByText("The last test failed:", { exact: false }).waitFor();
  await page.getByRole("link", { name: "Correct the credentials" }).click();
  await page.getByRole("link", { name: "Cancel" }).click();
  await atHand(page, 3);
  await simulator.fault("fonnte", null);
  await page.getByRole("button", { name: "Test the connection" }).click();
  await atHand(page, 4);

  await page.getByLabel("Address of your program").fill(simulator.receiverUrl("lanjut"));
  await page.getByRole("button", { name: "Create webhook" }).click();
  const secret = await page.getByText(/^whsec_/).innerText();
  await page.reload();
  await atHand(page, 4);
  await page.getByText("Its secret was shown when it was made.", { exact: false }).waitFor();
  expect(await page.content()).not.toContain(secret);
  const [webhook] = await hub.api<{ id: string }[]>(key, "GET", `/api/admin/integrations/${integration.id}/webhooks`);
  await hub.api(key, "PUT", `/api/admin/webhooks/${webhook?.id}`, { isActive: false });
  await page.reload();
  await page.getByRole("button", { name: "Send a test event" }).click();
  await expect.poll(async () => (await simulator.received("lanjut")).length).toBe(1);
  await page.getByText("This webhook is off", { exact: false }).waitFor();
  expect(await page.getByText("Everything works").count(), "events would not arrive").toBe(0);
  await page.getByRole("button", { name: "Turn it on" }).click();
  await page.getByText("Everything works").waitFor();
  await expectNoBarriers(page);
  await page.reload();
  await page.getByText("Everything works").waitFor();

  await page.getByRole("button", { name: "Change: A partner" }).click();
  await atHand(page, 1);
  expect(new URL(page.url()).search).toBe("");
}, PATIENCE);

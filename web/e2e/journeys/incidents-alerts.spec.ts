/** Trouble and who is told of it: a channel that is tested, a rule, maintenance, and the list of incidents. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectNoBarriers, expectNoSidewaysScroll, onStage, picture } from "../stage/stage";

const stage = onStage();
const PAGES = ["incidents", "alerts/channels", "alerts/rules", "alerts/log", "alerts/log?view=alerts", "maintenance"];

test("without trouble the list of incidents says so, and a filter that fits nothing can be cleared", async () => {
  const page = await stage().signedIn();
  await page.goto("/incidents");
  await page.getByRole("heading", { name: "No incident yet" }).waitFor();
  await page.getByRole("button", { name: "Critical" }).click();
  await page.getByRole("heading", { name: "Nothing matches" }).waitFor();
  expect(new URL(page.url()).searchParams.get("severity")).toBe("critical");
  await page.getByRole("button", { name: "Clear the filters" }).click();
  await page.getByRole("heading", { name: "No incident yet" }).waitFor();
});

test("a webhook is made an alert channel, its signed test message arrives, and a rule tells through it", async () => {
  const { simulator } = stage();
  const page = await stage().signedIn();
  await page.goto("/alerts");
  await page.waitForURL("**/alerts/channels");
  await page.getByRole("button", { name: "New channel" }).click();
  const form = page.getByRole("dialog");
  await form.getByRole("textbox", { name: "Name" }).fill("Jaga malam");
  await form.getByRole("combobox", { name: "Kind" }).click();
  await page.getByRole("option", { name: "Webhook" }).click();
  await form.getByRole("textbox", { name: "Address" }).fill(simulator.receiverUrl("siaga"));
  await expectNoBarriers(page);
  await form.getByRole("button", { name: "Create channel" }).click();
  await form.getByText("it is not shown again", { exact: false }).waitFor();
  expect(await form.getByText(/^whsec_[A-Za-z0-9+/=]{20,}$/).count()).toBe(1);
  await form.getByRole("button", { name: "Send a test message" }).click();
  await page.getByRole("dialog").getByText("Success", { exact: true }).waitFor();
  const received = await simulator.received("siaga");
  expect(received).toHaveLength(1);
  expect(Object.keys(received[0]?.headers ?? {}).some((name) => /signature/i.test(name))).toBe(true);
  await page.getByRole("dialog").getByRole("button", { name: "Close" }).last().click();

  await page.getByRole("link", { name: "Rules" }).click();
  await page.getByRole("button", { name: "New rule" }).click();
  const rule = page.getByRole("dialog");
  await rule.getByRole("textbox", { name: "Name" }).fill("Semua gangguan");
  await rule.getByRole("combobox", { name: "Channels" }).click();
  await page.getByRole("option", { name: "Jaga malam" }).click();
  await page.keyboard.press("Tab");
  await rule.getByRole("switch", { name: "Quiet hours" }).press("Space");
  await rule.getByRole("button", { name: "What would be told now?" }).click();
  await rule.getByText("Nothing is open now", { exact: false }).waitFor();
  await expectNoBarriers(page);
  await rule.getByRole("button", { name: "Create rule" }).click();
  await page.getByRole("grid", { name: "Rules" }).getByText("Semua gangguan").waitFor();

  await page.getByRole("link", { name: "Log" }).click();
  await page.getByRole("grid", { name: "Messages" }).getByText("Sent", { exact: true }).waitFor();
});

test("maintenance is planned and cancelled", async () => {
  await stage().partner("Kopi Senja");
  const page = await stage().signedIn();
  await page.goto("/maintenance");
  await page.getByRole("heading", { name: "No maintenance" }).waitFor();
  await page.getByRole("button", { name: "Plan maintenance" }).click();
  const form = page.getByRole("dialog");
  await form.getByRole("combobox", { name: "Partner" }).click();
  await page.getByRole("option", { name: "Kopi Senja" }).click();
  await form.getByLabel("From").fill("2030-03-01T22:00");
  await form.getByLabel("To").fill("2030-03-01T23:30");
  await form.getByRole("textbox", { name: "Reason" }).fill("Pindah pusat data");
  await expectNoBarriers(page);
  await form.getByRole("button", { name: "Plan maintenance" }).click();
  const list = page.getByRole("grid", { name: "Maintenance" });
  await list.getByText("Pindah pusat data").waitFor();
  await list.getByText("Planned", { exact: true }).waitFor();
  await list.getByRole("button", { name: "Actions for “Pindah pusat data”" }).click();
  await page.getByRole("menuitem", { name: "Cancel the maintenance" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel the maintenance" }).click();
  await page.getByRole("heading", { name: "No maintenance" }).waitFor();
});

test("a partner's status page is opened, shown to a visitor and removed", async () => {
  const partner = await stage().partner("Warung Baca");
  const page = await stage().signedIn();
  await page.goto(`/partners/${partner}`);
  await page.getByRole("button", { name: "Open a status page" }).click();
  const address = await page.getByText(/\/status\//).first().innerText();
  expect((await page.request.get(address)).status()).toBe(200);
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove", exact: true }).click();
  await page.getByRole("button", { name: "Open a status page" }).waitFor();
});

test("a status page is given a title and some of the integrations, and a visitor sees those alone", async () => {
  const { hub, key } = stage();
  const partner = await stage().partner("Warung Pilih");
  const midtrans = await stage().integration(partner, "payment_gateway", "midtrans");
  await stage().integration(partner, "whatsapp", "fonnte");
  const outlet = await hub.api<{ id: string }>(key, "POST", `/api/admin/partners/${partner}/outlets`, { name: "Cabang Dago", code: "BDG" });
  const configuration = await stage().configuration("midtrans");
  await hub.api(key, "POST", `/api/admin/outlets/${outlet.id}/integrations`, { integrationType: "payment_gateway", provider: "midtrans", displayName: "Kasir", testMode: true, configuration });
  const page = await stage().signedIn();
  await page.goto(`/partners/${partner}`);
  const card = page.getByRole("region", { name: "Public status page" });
  await card.getByRole("button", { name: "Open a status page" }).click();
  const address = await card.getByText(/\/status\//).first().innerText();
  const visitor = await stage().visitor();
  const told = (name: string) => visitor.getByRole("heading", { level: 2, name: new RegExp(`^${name}`) });
  await visitor.goto(address);
  for (const name of ["Midtrans", "Fonnte", "Kasir"]) await told(name).waitFor();

  const title = card.getByRole("textbox", { name: "Title of the page" });
  expect(await title.inputValue()).toBe("Warung Pilih");
  const save = card.getByRole("button", { name: "Save", exact: true });
  expect(await save.isDisabled(), "nothing is changed yet").toBe(true);
  await title.fill(" ");
  await card.getByRole("radio", { name: "Only those chosen" }).check();
  await save.click();
  await card.getByText("Required", { exact: true }).waitFor();
  await card.getByText("Choose at least one integration").waitFor();
  await expectNoBarriers(page);
  await title.fill("Pembayaran Warung Pilih");
  const choice = card.getByRole("combobox", { name: "Chosen integrations" }).or(card.getByRole("textbox", { name: "Chosen integrations" }));
  await choice.click();
  await page.getByRole("option", { name: "Midtrans", exact: true }).click();
  await page.getByRole("option", { name: "Kasir · Cabang Dago", exact: true }).click();
  await page.keyboard.press("Escape");
  await save.click();
  await page.getByText("The status page was saved").waitFor();
  await card.getByText("It shows 2 chosen integrations.").waitFor();
  await expectNoBarriers(page);
  await card.scrollIntoViewIfNeeded();
  await picture(page, "status-page-card-desktop-light");

  await visitor.reload();
  await visitor.getByRole("heading", { level: 1, name: "Pembayaran Warung Pilih" }).waitFor();
  for (const name of ["Midtrans", "Kasir"]) await told(name).waitFor();
  expect(await told("Fonnte").count(), "not chosen, not shown").toBe(0);
  await picture(visitor, "status-page-chosen-desktop-light");

  // One that is deleted meanwhile is no obstacle to saving the rest.
  await hub.api(key, "DELETE", `/api/admin/integrations/${midtrans.id}`);
  const phone = await stage().signedIn({ width: "phone", colours: "dark", language: "id" });
  await phone.goto(`/partners/${partner}`);
  const small = phone.getByRole("region", { name: "Halaman status publik" });
  await small.getByRole("textbox", { name: "Judul halaman" }).fill("Kasir Dago");
  await small.scrollIntoViewIfNeeded();
  await small.getByText("Kasir · Cabang Dago", { exact: true }).waitFor();
  await small.getByText("Menampilkan 1 integrasi pilihan.").waitFor();
  await expectNoSidewaysScroll(phone);
  await expectNoBarriers(phone);
  await picture(phone, "status-page-card-phone-dark");
  await small.getByRole("button", { name: "Simpan", exact: true }).click();
  await phone.getByText("Halaman status disimpan").waitFor();
  await visitor.reload();
  await visitor.getByRole("heading", { level: 1, name: "Kasir Dago" }).waitFor();

  await small.getByRole("radio", { name: "Semua yang aktif" }).check();
  await small.getByRole("button", { name: "Simpan", exact: true }).click();
  await small.getByText("Menampilkan semua integrasi aktif mitra ini.").waitFor();
  await visitor.reload();
  await told("Fonnte").waitFor();
});

test("every page shows without barriers in both colours, widths and languages", async () => {
  const page = await stage().signedIn();
  const phone = await stage().signedIn({ width: "phone", colours: "dark", language: "id" });
  for (const path of PAGES) {
    const name = path.replace(/[^a-z]+/g, "-");
    await shown(page, path);
    await picture(page, `${name}-desktop-light`);
    await shown(phone, path);
    await expectNoSidewaysScroll(phone);
    await picture(phone, `${name}-phone-dark`);
  }
});

test("a viewer reads incidents and alerts, and is offered no change", async () => {
  const page = await stage().signedInAs("viewer");
  for (const path of PAGES) {
    await shown(page, path);
    expect(await page.getByRole("main").getByRole("button", { name: /^(new|plan |test|edit|delete|send|actions)/i }).count()).toBe(0);
  }
});

async function shown(page: Page, path: string): Promise<void> {
  await page.goto(`/${path}`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  await expectNoBarriers(page);
}

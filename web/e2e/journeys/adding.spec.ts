/** Adding an integration as an admin does: type, provider, credentials, a test that fails and says why, one that passes, and the secret. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { fieldsOf, filled, wrong } from "../stage/account-form";
import { expectNoBarriers, expectNoSidewaysScroll, onStage, picture } from "../stage/stage";

const stage = onStage();

interface Case {
  readonly provider: string;
  readonly label: string;
  readonly type: "Payment gateway" | "WhatsApp" | "E-mail";
  /** The member that is entered wrongly first. */
  readonly secret: string;
}

const CASES: readonly Case[] = [
  { provider: "midtrans", label: "Midtrans", type: "Payment gateway", secret: "serverKey" },
  { provider: "xendit", label: "Xendit", type: "Payment gateway", secret: "apiKey" },
  { provider: "stripe", label: "Stripe", type: "Payment gateway", secret: "secretKey" },
  { provider: "twilio", label: "Twilio", type: "WhatsApp", secret: "authToken" },
  { provider: "wablas", label: "Wablas", type: "WhatsApp", secret: "token" },
  { provider: "fonnte", label: "Fonnte", type: "WhatsApp", secret: "token" },
  { provider: "smtp", label: "SMTP", type: "E-mail", secret: "password" },
  { provider: "mailgun", label: "Mailgun", type: "E-mail", secret: "apiKey" },
  { provider: "sendgrid", label: "SendGrid", type: "E-mail", secret: "apiKey" },
];

async function chosen(page: Page, partner: string, { type, label }: Case): Promise<void> {
  await page.goto(`/partners/${partner}/integrations/new`);
  await page.getByRole("group", { name: "Type of integration" }).getByRole("button", { name: type, exact: true }).click();
  await page.waitForURL("**/integrations/new?type=*");
  await page.getByRole("button", { name: new RegExp(`^${label}`) }).click();
  await page.getByRole("heading", { level: 1, name: `Connect ${label}` }).waitFor();
}

for (const one of CASES) test(`${one.label} is added through the form: the wrong secret fails with its remedy, the right one passes`, async () => {
  const partner = await stage().partner(`Toko ${one.label}`);
  const fields = await fieldsOf(stage(), one.provider);
  const secret = fields.get(one.secret);
  if (!secret) throw new Error(`${one.provider} has no ${one.secret}`);
  const page = await stage().signedIn();
  await chosen(page, partner, one);
  for (const field of fields.values()) await filled(page, field);

  await filled(page, secret, wrong(secret.value));
  const input = page.getByLabel(secret.label, { exact: true }).and(page.locator("input"));
  expect(await input.getAttribute("type")).toBe("password");
  await page.getByRole("button", { name: "Test the connection" }).click();
  const remedied = page.getByRole("listitem").filter({ hasText: "What to do" });
  await remedied.getByText("failed", { exact: true }).waitFor();
  expect((await remedied.locator("p").last().innerText()).length, "the remedy says something").toBeGreaterThan(20);
  await expectNoBarriers(page);
  if (one.provider === "midtrans") await picture(page, "adding-refused-desktop-light");

  await filled(page, secret);
  await page.getByRole("button", { name: "Test the connection" }).click();
  await remedied.waitFor({ state: "detached" });
  await page.getByRole("status").filter({ hasText: "Took" }).waitFor();
  expect(await page.getByRole("listitem").filter({ hasText: "failed" }).count()).toBe(0);

  await page.getByRole("button", { name: "Save integration" }).click();
  await page.waitForURL("**created=*");
  await page.getByRole("heading", { level: 1, name: "Connected: what is left to do" }).waitFor();
  await page.getByRole("button", { name: "Test the connection" }).click();
  await page.getByRole("status").filter({ hasText: "Took" }).waitFor();
  expect(await page.getByRole("listitem").filter({ hasText: "failed" }).count()).toBe(0);
  await page.getByRole("link", { name: "Open the integration" }).click();
  await page.getByRole("heading", { level: 1, name: one.label }).waitFor();

  await page.goto(`/partners/${partner}/integrations/new`);
  await page.getByRole("link", { name: new RegExp(`^${one.label}.*Connected: edit`) }).waitFor();
});

test("a secret stays hidden until an admin asks for it, which the audit tab says; others are not offered it", async () => {
  const integration = await stage().integration(await stage().partner("Kopi Rahasia"), "payment_gateway", "midtrans");
  const { serverKey = "" } = await stage().simulator.account("midtrans");
  const page = await stage().signedInAs("admin");
  await page.goto(`/integrations/${integration.id}/configuration`);
  const main = page.getByRole("main");
  await main.getByText("••", { exact: false }).first().waitFor();
  expect(await page.content()).not.toContain(serverKey);
  await main.getByRole("button", { name: "Show secrets" }).click();
  const asked = page.getByRole("dialog", { name: "Show the secrets in clear?" });
  await asked.getByRole("button", { name: "Show secrets" }).click();
  await main.getByText(serverKey, { exact: true }).waitFor();
  await main.getByRole("button", { name: "Copy Server key" }).waitFor();
  await asked.waitFor({ state: "hidden" });
  await expectNoBarriers(page);
  await main.getByRole("button", { name: "Hide secrets" }).click();
  await main.getByText(serverKey, { exact: true }).waitFor({ state: "detached" });

  await page.getByRole("navigation", { name: "Sections of the integration" }).getByRole("link", { name: "Audit" }).click();
  const row = page.getByRole("grid", { name: "Audit" }).getByRole("row").filter({ hasText: "Credentials revealed" });
  await row.getByText("Uji admin (you)", { exact: true }).waitFor();
  expect(await row.count(), "asked once, written once").toBe(1);
  await expectNoBarriers(page);
  await picture(page, "adding-revealed-audit-desktop-light");

  for (const role of ["operator", "viewer"] as const) {
    const reader = await stage().signedInAs(role);
    await reader.goto(`/integrations/${integration.id}/configuration`);
    await reader.getByRole("main").getByText("••", { exact: false }).first().waitFor();
    expect(await reader.getByRole("button", { name: /show|reveal|copy server key/i }).count(), role).toBe(0);
    await reader.goto(`/integrations/${integration.id}/edit`);
    await reader.getByRole("main").getByRole("heading").first().waitFor();
    expect(await reader.getByLabel("Server key", { exact: true }).count(), role).toBe(0);
  }
});

test("the edit form shows the stored secret when asked, and that is written too", async () => {
  const integration = await stage().integration(await stage().partner("Kopi Ubah"), "whatsapp", "fonnte");
  const { token = "" } = await stage().simulator.account("fonnte");
  const page = await stage().signedInAs("admin");
  await page.goto(`/integrations/${integration.id}/edit`);
  const input = page.getByLabel("Device token", { exact: true });
  await expect.poll(() => input.inputValue()).toContain("••");
  await page.getByRole("button", { name: "Show the stored Device token. That is written to the log" }).click();
  await expect.poll(() => input.inputValue()).toBe(token);
  await page.getByRole("button", { name: "Hide Device token" }).click();
  expect(await input.getAttribute("type")).toBe("password");
  await page.goto(`/integrations/${integration.id}/audit`);
  await page.getByRole("grid", { name: "Audit" }).getByText("Credentials revealed").waitFor();
});

test("on a phone in the dark, in Indonesian, an empty form says what is missing and a refused key what to do", async () => {
  const partner = await stage().partner("Kopi Saku");
  const page = await stage().signedIn({ width: "phone", colours: "dark", language: "id" });
  await page.goto(`/partners/${partner}/integrations/new?type=payment_gateway`);
  await page.getByRole("button", { name: /^Midtrans/ }).waitFor();
  await expectNoSidewaysScroll(page);
  await expectNoBarriers(page);
  await page.getByRole("button", { name: /^Midtrans/ }).click();
  await page.getByRole("button", { name: "Uji koneksi" }).click();
  const input = page.getByLabel("Server key", { exact: true });
  await expect.poll(() => input.getAttribute("aria-invalid")).toBe("true");
  await expect.poll(() => input.evaluate((element) => element === document.activeElement), { message: "the first mistake takes the focus" }).toBe(true);
  const { serverKey = "" } = await stage().simulator.account("midtrans");
  await input.fill(wrong(serverKey));
  await page.getByRole("button", { name: "Uji koneksi" }).click();
  const failed = page.getByRole("listitem").filter({ hasText: "gagal" });
  await failed.getByText("Yang perlu dilakukan").waitFor();
  await failed.getByText("Salin ulang server key dari dasbor sandbox", { exact: false }).waitFor();
  await expectNoSidewaysScroll(page);
  await expectNoBarriers(page);
  await failed.scrollIntoViewIfNeeded();
  await picture(page, "adding-refused-phone-dark");
});

/** An integration as the operations people use it: its log, a notification that arrives and is delivered, and who may change what. */
import { expect, test } from "vitest";
import { expectNoBarriers, expectNoSidewaysScroll, onStage, picture } from "../stage/stage";

const stage = onStage();
const TABS = ["health", "logs", "webhooks", "events", "configuration", "audit"];

test("a notification is received, logged and delivered, and every tab of its integration shows without barriers", async () => {
  const { simulator, hub, key } = stage();
  const partner = await stage().partner("Kopi Senja");
  const integration = await stage().integration(partner, "payment_gateway", "midtrans");
  await hub.api(key, "POST", `/api/admin/integrations/${integration.id}/webhooks`, { webhookUrl: simulator.receiverUrl("toko"), retryAttempts: 0 });
  expect(await simulator.notify("midtrans", "settlement", 11, integration.inboundUrl)).toBe(200);
  expect(await simulator.notify("midtrans", "settlement", 12, integration.inboundUrl, "forged")).toBe(401);
  await expect.poll(async () => (await simulator.received("toko")).length, { timeout: 15_000 }).toBe(1);

  const page = await stage().signedIn();
  await page.goto(`/integrations/${integration.id}`);
  await page.waitForURL(`**/integrations/${integration.id}/health`);
  await page.getByRole("navigation", { name: "Sections of the integration" }).getByRole("link", { name: "Logs" }).click();
  await page.getByText("payment.success delivered", { exact: false }).first().waitFor();
  await page.getByText("refused", { exact: false }).first().waitFor();
  for (const tab of TABS) {
    await page.goto(`/integrations/${integration.id}/${tab}`);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await page.waitForLoadState("networkidle");
    await expectNoBarriers(page);
    await picture(page, `integration-${tab}-desktop-light`);
  }
  const phone = await stage().signedIn({ width: "phone", colours: "dark", language: "id" });
  for (const tab of TABS) {
    await phone.goto(`/integrations/${integration.id}/${tab}`);
    await phone.getByRole("heading", { level: 1 }).waitFor();
    await phone.waitForLoadState("networkidle");
    await expectNoBarriers(phone);
    await expectNoSidewaysScroll(phone);
    await picture(phone, `integration-${tab}-phone-dark`);
  }
});

test("a viewer is offered nothing that would be refused", async () => {
  const partner = await stage().partner("Warung Baca");
  const integration = await stage().integration(partner, "whatsapp", "fonnte");
  const page = await stage().signedInAs("viewer");
  await page.goto(`/integrations/${integration.id}/webhooks`);
  await page.getByRole("heading", { level: 1 }).waitFor();
  await page.waitForLoadState("networkidle");
  const offered = await page.getByRole("main").getByRole("button").allInnerTexts();
  expect(offered.filter((text) => /test|new|create|delete|edit|rotate|reveal/i.test(text))).toEqual([]);
  await page.goto("/users");
  await page.waitForLoadState("networkidle");
  expect(await page.getByRole("button", { name: /new|add/i }).count()).toBe(0);
});

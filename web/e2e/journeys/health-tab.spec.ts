/** An integration's health as the operations people read it: its figures, what to do about a rejected key, and putting that aside. */
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectNoBarriers, expectNoSidewaysScroll, onStage, picture } from "../stage/stage";

const stage = onStage();

async function tested(id: string, times: number): Promise<void> {
  const { hub, key } = stage();
  // A failed test is an answer that is no success, which `hub.api` would throw.
  for (let count = 0; count < times; count += 1) await fetch(`${hub.url}/api/admin/integrations/${id}/test`, { method: "POST", headers: { authorization: `Bearer ${key}` } });
}

async function shown(page: Page, id: string, search = ""): Promise<void> {
  await page.goto(`/integrations/${id}/health${search}`);
  await page.getByRole("region", { name: /^(Response time|Waktu respons)$/ }).waitFor();
  // The stream stays open, so the network is never idle.
  await page.locator("svg.recharts-surface").first().waitFor();
}

test("tests that pass show healthy figures, in every window, as a chart and as a table", async () => {
  const integration = await stage().integration(await stage().partner("Kopi Pagi"), "payment_gateway", "midtrans");
  await tested(integration.id, 6);
  const page = await stage().signedIn();
  await page.goto(`/integrations/${integration.id}`);
  await page.waitForURL("**/health");
  await shown(page, integration.id);
  const health = page.getByRole("region", { name: "Health", exact: true });
  await health.getByText("Healthy", { exact: true }).waitFor();
  await health.getByText("Success rate").waitFor();
  await page.getByRole("region", { name: "Figures" }).getByText("100 %", { exact: true }).first().waitFor();
  await page.getByText("No request failed in this time.").waitFor();
  await expectNoBarriers(page);
  await picture(page, "health-healthy-desktop-light");

  await page.getByRole("button", { name: "Show as table" }).click();
  await page.getByRole("region", { name: "Response time", exact: true }).getByRole("columnheader", { name: "p99" }).waitFor();
  await expectNoBarriers(page);

  await page.getByText("7 d", { exact: true }).click();
  await page.waitForURL("**/health?window=7d");
  await page.getByText("84 samples", { exact: false }).waitFor();

  await page.getByRole("slider", { name: "State of the connection over time" }).press("End");
  expect(await page.getByRole("slider", { name: "State of the connection over time" }).getAttribute("aria-valuetext")).toContain("reachable");
});

test("a rejected key is said with what to do; it can be dismissed, and that undone", async () => {
  const integration = await stage().integration(await stage().partner("Kopi Kunci"), "payment_gateway", "midtrans");
  await stage().simulator.fault("midtrans", "wrong_key");
  await tested(integration.id, 6);
  await stage().simulator.fault("midtrans", null);
  const page = await stage().signedIn();
  await shown(page, integration.id);
  await page.getByRole("region", { name: "Health", exact: true }).getByText("Critical", { exact: true }).waitFor();
  const advice = page.locator('[data-code="key_rejected"]');
  await advice.getByRole("link", { name: "Edit configuration" }).waitFor();
  expect(await advice.getByRole("link", { name: "Edit configuration" }).getAttribute("href")).toBe(`/integrations/${integration.id}/edit`);
  await page.getByRole("region", { name: "Errors" }).getByRole("link", { name: "Authentication failed" }).waitFor();
  await expectNoBarriers(page);
  await picture(page, "health-rejected-desktop-light");

  await advice.getByRole("button", { name: "Put aside" }).click();
  await page.getByRole("menuitem", { name: "Dismiss" }).click();
  await page.getByRole("button", { name: "1 put aside" }).waitFor();
  await page.getByRole("button", { name: "Undo" }).click();
  await page.getByRole("button", { name: "1 put aside" }).waitFor({ state: "detached" });
  await advice.getByRole("button", { name: "Put aside" }).waitFor();

  const phone = await stage().signedIn({ width: "phone", colours: "dark", language: "id" });
  await shown(phone, integration.id, "?window=1h");
  await phone.locator('[data-code="key_rejected"]').getByRole("link", { name: "Ubah konfigurasi" }).waitFor();
  await expectNoBarriers(phone);
  await expectNoSidewaysScroll(phone);
  await picture(phone, "health-rejected-phone-dark");
});

test("the scheduled tests are paused and resumed by an operator, and not by a viewer", async () => {
  const integration = await stage().integration(await stage().partner("Kopi Jeda"), "whatsapp", "fonnte");
  await tested(integration.id, 1);
  const page = await stage().signedInAs("operator");
  await shown(page, integration.id);
  await page.getByRole("button", { name: "Pause tests" }).click();
  await page.getByRole("menuitem", { name: "For 8 hours" }).click();
  await page.getByText("Scheduled tests are paused until", { exact: false }).waitFor();
  const reader = await stage().signedInAs("viewer");
  await shown(reader, integration.id);
  await reader.getByText("Scheduled tests are paused until", { exact: false }).waitFor();
  expect(await reader.getByRole("button", { name: /pause|resume|put aside/i }).count()).toBe(0);
  await page.getByRole("button", { name: "Resume tests" }).click();
  await page.getByRole("button", { name: "Pause tests" }).waitFor();
});

test("a public badge is made, and taken away after a question", async () => {
  const integration = await stage().integration(await stage().partner("Kopi Lencana"), "whatsapp", "fonnte");
  const page = await stage().signedIn();
  await page.goto(`/integrations/${integration.id}/configuration`);
  await page.getByRole("button", { name: "Create badge" }).click();
  await page.getByRole("img", { name: "The badge as others see it" }).waitFor();
  await expectNoBarriers(page);
  await page.getByRole("button", { name: "Remove" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Remove" }).click();
  await page.getByRole("button", { name: "Create badge" }).waitFor();
});

/** A delivery from end to end: a webhook made in the browser, what it sent and got back, sending again, one by one and many at once. */
import type { Locator, Page } from "playwright-core";
import { expect, test } from "vitest";
import { expectNoBarriers, expectNoSidewaysScroll, onStage, picture, tabTo } from "../stage/stage";

const stage = onStage();

async function shop(name: string): Promise<{ id: string; inboundUrl: string }> {
  return stage().integration(await stage().partner(name), "payment_gateway", "midtrans");
}

/** A webhook without retries; of payments alone, since a change of health would be delivered too. */
async function webhookOf(integrationId: string, receiver: string): Promise<string> {
  const { hub, key, simulator } = stage();
  const webhook = await hub.api<{ id: string }>(key, "POST", `/api/admin/integrations/${integrationId}/webhooks`, { webhookUrl: simulator.receiverUrl(receiver), retryAttempts: 0, events: ["payment.*"] });
  return webhook.id;
}

interface Delivery {
  readonly id: string;
  readonly status: string;
}

/** Settlements of these seeds, once each was tried. */
async function delivered(integration: { inboundUrl: string }, webhookId: string, seeds: readonly number[]): Promise<readonly Delivery[]> {
  const { hub, key, simulator } = stage();
  const all = () => hub.api<Delivery[]>(key, "GET", `/api/admin/webhooks/${webhookId}/deliveries`);
  const before = (await all()).length;
  for (const seed of seeds) expect(await simulator.notify("midtrans", "settlement", seed, integration.inboundUrl)).toBe(200);
  await expect.poll(async () => (await all()).filter((one) => one.status !== "pending").length, { timeout: 15_000 }).toBe(before + seeds.length);
  return all();
}

async function received(receiver: string, count: number): Promise<void> {
  await expect.poll(async () => (await stage().simulator.received(receiver)).length, { timeout: 15_000 }).toBe(count);
}

test("a webhook is made with the event picker, its delivery is read with all that went over the wire, and sent again", async () => {
  const { simulator } = stage();
  const integration = await shop("Kopi Kirim");
  const page = await stage().signedIn();
  await page.goto(`/integrations/${integration.id}/webhooks`);
  await page.getByRole("link", { name: "New webhook" }).click();
  await page.getByRole("textbox", { name: "Address" }).fill(simulator.receiverUrl("kirim"));
  const events = page.getByRole("group", { name: "Events" });
  expect(await events.getByRole("checkbox", { name: "All events" }).isChecked()).toBe(true);
  await events.getByRole("checkbox", { name: "All of payment.*" }).check();
  for (const event of ["payment.pending", "payment.failed", "payment.expired"]) await events.getByRole("checkbox", { name: event, exact: true }).uncheck();
  expect(await events.getByRole("checkbox", { name: "All events" }).isChecked()).toBe(false);
  expect(await events.getByRole("checkbox", { name: "payment.success", exact: true }).isChecked()).toBe(true);
  await expectNoBarriers(page);
  await page.getByRole("button", { name: "Create webhook" }).click();
  await page.getByText("Shown this once", { exact: false }).waitFor();
  const secret = await page.getByText(/^whsec_/).innerText();
  await simulator.receiver("kirim", "accept", secret);
  await picture(page, "delivery-secret-desktop-light");
  await page.getByRole("link", { name: "Open the webhook" }).click();
  await page.getByText("Nothing was delivered yet").waitFor();
  await page.getByRole("link", { name: "Settings", exact: true }).and(page.locator("main a")).click();
  await page.getByText("payment.success, payment.refunded, payment.disputed").waitFor();
  expect(await page.content(), "the secret is shown once").not.toContain(secret);

  expect(await simulator.notify("midtrans", "pending", 21, integration.inboundUrl)).toBe(200);
  expect(await simulator.notify("midtrans", "settlement", 22, integration.inboundUrl)).toBe(200);
  await received("kirim", 1);
  await page.reload();
  await page.getByRole("navigation", { name: "Sections of the webhook" }).getByRole("link", { name: "Deliveries" }).click();
  const table = page.getByRole("grid", { name: "Deliveries" });
  await table.getByRole("link", { name: "payment.success" }).click();
  await page.getByRole("heading", { level: 1, name: "Delivery of payment.success" }).waitFor();

  const [first] = await simulator.received("kirim");
  expect(first?.verified, "the secret that was shown signs").toBe(true);
  const attempt = page.getByRole("article", { name: "Attempt 1" });
  await attempt.getByText("HTTP 200").waitFor();
  await attempt.getByText("First attempt").waitFor();
  await attempt.getByText(first?.headers["webhook-signature"] ?? "no signature", { exact: true }).waitFor();
  const request = attempt.getByRole("region", { name: "Request headers" });
  await request.getByText(first?.headers["webhook-id"] ?? "no id", { exact: false }).waitFor();
  await attempt.getByRole("region", { name: "Response headers" }).waitFor();
  await page.getByRole("region", { name: "Event payload" }).getByText("INV-2026-000022", { exact: false }).first().waitFor();
  expect((JSON.parse(first?.body ?? "{}") as { data?: { reference?: string } }).data?.reference).toBe("INV-2026-000022");
  await expectNoBarriers(page);
  await picture(page, "delivery-desktop-light");

  await page.getByRole("button", { name: "Send again" }).click();
  await page.getByText("It is being sent again").waitFor();
  await received("kirim", 2);
  const second = page.getByRole("article", { name: "Attempt 2" });
  await second.getByText("Sent again by hand", { exact: false }).waitFor();
  await second.getByText("HTTP 200").waitFor();
  const [, again] = await simulator.received("kirim");
  expect(again?.verified).toBe(true);
  expect(again?.headers["webhook-id"], "the receiver can tell that it is the same").toBe(first?.headers["webhook-id"]);
  expect(again?.body).toBe(first?.body);

  const phone = await stage().signedIn({ width: "phone", colours: "dark", language: "id" });
  await phone.goto(new URL(page.url()).pathname);
  await phone.getByRole("article").nth(1).waitFor();
  await expectNoSidewaysScroll(phone);
  await expectNoBarriers(phone);
  await picture(phone, "delivery-phone-dark");
});

test("the deliveries are filtered by status with the chips, and the address keeps the filter", async () => {
  const { simulator } = stage();
  const integration = await shop("Kopi Saring");
  const webhook = await webhookOf(integration.id, "saring");
  await delivered(integration, webhook, [31, 32]);
  await simulator.receiver("saring", "400");
  await delivered(integration, webhook, [33]);
  const page = await stage().signedIn();
  await page.goto(`/integrations/${integration.id}/webhooks/${webhook}`);
  const chips = page.getByRole("main").getByRole("group", { name: "Status" });
  const table = page.getByRole("grid", { name: "Deliveries" });
  await page.getByText("3 deliveries", { exact: true }).waitFor();
  await chips.getByRole("button", { name: "Failed" }).click();
  await page.waitForURL("**?status=failed");
  await page.getByText("1 delivery", { exact: true }).waitFor();
  await table.getByRole("row").filter({ hasText: "400" }).waitFor();
  expect(await table.getByRole("row").count(), "the head and the one that failed").toBe(2);
  await expectNoBarriers(page);
  await picture(page, "delivery-filtered-desktop-light");

  await page.reload();
  await page.getByText("1 delivery", { exact: true }).waitFor();
  expect(await chips.getByRole("button", { name: "Failed" }).getAttribute("aria-pressed")).toBe("true");
  await chips.getByRole("button", { name: "Success" }).click();
  await page.waitForURL("**?status=success");
  await page.getByText("2 deliveries", { exact: true }).waitFor();
  await chips.getByRole("button", { name: "Dropped" }).click();
  await page.getByText("Nothing matches").waitFor();
  await page.getByRole("button", { name: "Remove the filters" }).click();
  await page.getByText("3 deliveries", { exact: true }).waitFor();
  expect(new URL(page.url()).search).toBe("");
});

test("a bulk replay is counted first, refused while its webhook is off, and shows how far it is once that is enabled", async () => {
  const { hub, key, simulator } = stage();
  const integration = await shop("Kopi Ulang");
  const webhook = await webhookOf(integration.id, "ulang");
  await delivered(integration, webhook, [40]);
  await simulator.receiver("ulang", "400");
  await delivered(integration, webhook, [41, 42, 43, 44]);
  await simulator.receiver("ulang", "accept");
  await hub.api(key, "PUT", `/api/admin/webhooks/${webhook}`, { isActive: false });
  const page = await stage().signedIn();
  await page.goto(`/integrations/${integration.id}/webhooks/${webhook}`);
  await page.getByRole("link", { name: "Bulk replay" }).click();
  await page.waitForURL("**?view=replays");
  await page.getByText("No bulk replay yet").waitFor();
  await page.getByRole("button", { name: "Count", exact: true }).click();
  await page.getByText("4 deliveries would be sent again").waitFor();
  await page.getByText("payment.success 4", { exact: true }).waitFor();
  const begin = page.getByRole("button", { name: "Send 4 again" });
  await begin.click();
  await page.getByText("This webhook is not active: enable it first.").waitFor();
  await expectNoBarriers(page);

  await page.getByRole("button", { name: "Enable", exact: true }).click();
  const asked = page.getByRole("dialog", { name: "Enable this webhook?" });
  await asked.getByRole("button", { name: "Enable" }).click();
  await page.getByText("The webhook is active again").waitFor();
  await asked.waitFor({ state: "hidden" });
  await begin.click();
  await page.getByText("4 deliveries are sent again").waitFor();
  const replay = page.getByRole("article").filter({ has: page.getByRole("progressbar", { name: "Progress" }) });
  await replay.getByText("4 of 4 sent again (100 %)").waitFor();
  await replay.getByText("Completed", { exact: true }).waitFor();
  expect(await replay.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("100");
  expect(await replay.getByRole("button").count(), "nothing is left to steer").toBe(0);
  await received("ulang", 9);
  await expectNoBarriers(page);
  await picture(page, "delivery-replay-desktop-light");

  const phone = await stage().signedIn({ width: "phone", colours: "dark", language: "id" });
  await phone.goto(`/integrations/${integration.id}/webhooks/${webhook}?view=replays`);
  await phone.getByRole("progressbar").waitFor();
  await expectNoSidewaysScroll(phone);
  await expectNoBarriers(phone);
  await picture(phone, "delivery-replay-phone-dark");
});

test("a viewer reads deliveries and is offered no button that changes or sends; an operator sends but changes nothing", async () => {
  const { hub, key, simulator } = stage();
  const integration = await shop("Kopi Baca");
  const webhook = await webhookOf(integration.id, "baca");
  await simulator.receiver("baca", "400");
  const [delivery] = await delivered(integration, webhook, [51]);
  await hub.api(key, "PUT", `/api/admin/webhooks/${webhook}`, { isActive: false });
  const path = `/integrations/${integration.id}/webhooks`;
  const pages: readonly (readonly [string, (page: Page) => Locator])[] = [
    [path, (page) => page.getByRole("grid", { name: "Webhooks" }).getByRole("link")],
    [`${path}/${webhook}`, (page) => page.getByRole("grid", { name: "Deliveries" }).getByRole("link")],
    [`${path}/${webhook}?view=replays`, (page) => page.getByText("No bulk replay yet")],
    [`/deliveries/${delivery?.id}`, (page) => page.getByRole("article", { name: "Attempt 1" }).getByText("HTTP 400")],
  ];
  const offered = async (role: "viewer" | "operator") => {
    const page = await stage().signedInAs(role);
    const found: string[] = [];
    for (const [address, content] of pages) {
      await page.goto(address);
      await content(page).first().waitFor();
      found.push(...(await page.getByRole("main").locator("button, a").evaluateAll((all) => all.map((one) => one.getAttribute("aria-label") ?? one.textContent))));
      await expectNoBarriers(page);
    }
    return found.map((text) => text.trim()).filter((text) => /^(new|send|edit|more|enable|count|replay|rotate|delete|pause|resume|cancel)\b/i.test(text));
  };
  expect(await offered("viewer")).toEqual([]);
  expect(await offered("operator")).toEqual(["Send test", "Send test", "Count", "Send again"]);
  const reader = await stage().signedInAs("viewer");
  await reader.goto(`${path}/new`);
  await reader.getByRole("main").getByRole("heading").first().waitFor();
  expect(await reader.getByRole("textbox", { name: "Address" }).count()).toBe(0);
});

test("a webhook is made, and its delivery found and sent again, with the keyboard alone", async () => {
  const { simulator } = stage();
  const integration = await shop("Kopi Papan Ketik");
  const page = await stage().signedIn();
  await page.goto(`/integrations/${integration.id}/webhooks`);
  await tabTo(page, page.getByRole("link", { name: "New webhook" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("textbox", { name: "Address" }));
  await page.keyboard.type(simulator.receiverUrl("ketik"));
  const success = page.getByRole("checkbox", { name: "payment.success", exact: true });
  await tabTo(page, success);
  await page.keyboard.press("Space");
  await expect.poll(() => success.isChecked()).toBe(true);
  await tabTo(page, page.getByRole("button", { name: "Create webhook" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("link", { name: "Open the webhook" }));
  await page.keyboard.press("Enter");
  await page.getByText("Nothing was delivered yet").waitFor();

  expect(await simulator.notify("midtrans", "settlement", 61, integration.inboundUrl)).toBe(200);
  await received("ketik", 1);
  await tabTo(page, page.getByRole("link", { name: "Bulk replay" }));
  await page.keyboard.press("Enter");
  await page.getByText("No bulk replay yet").waitFor();
  // The list would come upon the delivery by itself, some seconds later.
  await page.reload();
  await tabTo(page, page.getByRole("navigation", { name: "Sections of the webhook" }).getByRole("link", { name: "Deliveries" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("grid", { name: "Deliveries" }).getByRole("row").filter({ hasText: "payment.success" }));
  await page.keyboard.press("Enter");
  await tabTo(page, page.getByRole("button", { name: "Send again" }));
  await page.keyboard.press("Enter");
  await page.getByRole("article", { name: "Attempt 2" }).getByText("HTTP 200").waitFor();
  await received("ketik", 2);
});

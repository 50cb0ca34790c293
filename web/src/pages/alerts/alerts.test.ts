/** What the forms of alerts send. */
import { expect, test } from "vitest";
import { changeOf, configurationOf, creationOf, destinationOf, valuesOf } from "./channel-values";
import { readLogSearch } from "./route";
import { ruleInputOf, ruleValuesOf } from "./rule-values";

const webhook = { ...valuesOf(), name: " Jaga malam ", kind: "webhook" as const, url: " https://toko.example/siaga " };

test("a webhook without a secret leaves it to the hub to make one", () => {
  expect(creationOf(webhook)).toMatchObject({ name: "Jaga malam", kind: "webhook", configuration: { url: "https://toko.example/siaga" } });
  expect(creationOf(webhook).configuration).not.toHaveProperty("secret");
});

test("a channel takes only what its kind knows", () => {
  expect(Object.keys(configurationOf({ ...webhook, kind: "telegram" })).sort()).toEqual(["botToken", "chatId"]);
  expect(Object.keys(configurationOf({ ...webhook, kind: "slack" }))).toEqual(["url"]);
});

test("an e-mail that moves to an integration takes its mail server away, and a new one never had it", () => {
  const values = { ...valuesOf(), integrationId: "i1", recipients: ["jaga@toko.example"], host: "mail.example", fromEmail: "a@b.example" };
  expect(changeOf(values).configuration).toMatchObject({ integrationId: "i1", host: null, password: null, fromEmail: null });
  expect(creationOf(values).configuration).toEqual({ integrationId: "i1", recipients: ["jaga@toko.example"] });
});

test("a masked secret goes back as it came", () => {
  expect(configurationOf({ ...webhook, secret: "whsec_****abcd" })).toHaveProperty("secret", "whsec_****abcd");
});

test("the list says where messages go", () => {
  expect(destinationOf({ kind: "whatsapp", configuration: { recipients: ["+62811", "+62812"] } })).toBe("+62811, +62812");
  expect(destinationOf({ kind: "webhook", configuration: {} })).toBeNull();
});

test("a rule that tells once and is never quiet says so", () => {
  const sent = ruleInputOf(ruleValuesOf(undefined, "id", "Asia/Makassar"));
  expect(sent).toMatchObject({ repeatMinutes: null, quietHours: null, language: "id", minimumSeverity: "warning" });
});

test("quiet hours keep their zone", () => {
  const values = { ...ruleValuesOf(undefined, "en", "Asia/Makassar"), isQuiet: true };
  expect(ruleInputOf(values).quietHours).toEqual({ from: "22:00", to: "06:00", timeZone: "Asia/Makassar", allowCritical: true });
});

test("each view of the log reads its own states", () => {
  expect(readLogSearch({ state: "failed", view: "alerts" })).toEqual({ view: "alerts", state: undefined, page: undefined });
  expect(readLogSearch({ state: "failed", view: "else", page: "3" })).toEqual({ view: undefined, state: "failed", page: 3 });
});

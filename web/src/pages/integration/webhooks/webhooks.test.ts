/** Picking events, the form's requests, how a webhook stands, a replay's progress, and the signature debugger. */
import { describe, expect, it } from "vitest";
import { isChosen, isWhole, toggleEvent, toggleFamily } from "./form/event-choice";
import { FIRST, changeOf, creationOf, headersOf } from "./form/webhook-values";
import { ordersOf, remaining } from "./replay-progress";
import { readWebhookSearch } from "./route";
import { parted, readHeaders, visible } from "./verification";
import { stateOf } from "./webhook-state";

describe("picking events", () => {
  it("a whole family takes the place of its events, and gives way to the others when one is taken out", () => {
    const whole = toggleFamily(["payment.success", "webhook.disabled"], "payment");
    expect(whole).toEqual(["webhook.disabled", "payment.*"]);
    expect([isWhole(whole, "payment"), isChosen(whole, "payment.failed"), isChosen(whole, "webhook.failing")]).toEqual([true, true, false]);
    const less = toggleEvent(whole, "payment", "payment.pending");
    expect(less).not.toContain("payment.*");
    expect([isChosen(less, "payment.pending"), isChosen(less, "payment.failed"), isChosen(less, "webhook.disabled")]).toEqual([false, true, true]);
    expect(toggleFamily(whole, "payment")).toEqual(["webhook.disabled"]);
  });
  it("single events come and go", () => {
    expect(toggleEvent([], "message", "message.read")).toEqual(["message.read"]);
    expect(toggleEvent(["message.read"], "message", "message.read")).toEqual([]);
  });
});

describe("the form", () => {
  it("sends a secret only where one was entered", () => {
    expect(creationOf(FIRST)).not.toHaveProperty("webhookSecret");
    expect(changeOf({ ...FIRST, webhookSecret: "whsec_x" })).toHaveProperty("webhookSecret", "whsec_x");
  });
  it("takes away what was emptied", () => {
    expect(changeOf({ ...FIRST, filter: " ", transformation: "" })).toMatchObject({ filter: null, transformation: null, description: null });
  });
  it("reads headers, and leaves faults for the hub to name", () => {
    expect(headersOf("x-shop: kopi\n\n authorization: Bearer a:b \nnonsense")).toEqual({ "x-shop": "kopi", authorization: "Bearer a:b", nonsense: "" });
  });
});

it("a webhook's gravest state is the one that shows", () => {
  const webhook = { isActive: true, disabledAt: null, circuit: "closed", warnedAt: null };
  expect(stateOf(webhook)).toBe("active");
  expect(stateOf({ ...webhook, isActive: false })).toBe("inactive");
  expect(stateOf({ ...webhook, isActive: false, disabledAt: "2026-01-01T00:00:00.000Z" })).toBe("disabled");
  expect(stateOf({ ...webhook, circuit: "open", warnedAt: "2026-01-01T00:00:00.000Z" })).toBe("open");
  expect(stateOf({ ...webhook, circuit: "recovering" })).toBe("recovering");
});

describe("a replay", () => {
  const createdAt = "2026-01-01T00:00:00.000Z";
  const now = Date.parse(createdAt) + 10_000;
  it("says how long it goes on at its pace", () => {
    expect(remaining({ state: "running", total: 300, replayed: 100, createdAt }, now)).toBe(20_000);
    expect(remaining({ state: "running", total: 300, replayed: 0, createdAt }, now)).toBeNull();
    expect(remaining({ state: "paused", total: 300, replayed: 100, createdAt }, now)).toBeNull();
  });
  it("takes only the orders that its state allows", () => {
    expect([ordersOf("running"), ordersOf("paused"), ordersOf("completed"), ordersOf("cancelled")]).toEqual([["pause", "cancel"], ["resume", "cancel"], [], []]);
  });
});

describe("the signature debugger", () => {
  it.each([
    "webhook-id: 1\nWebhook-Timestamp: 2",
    '{"webhook-id": "1", "Webhook-Timestamp": 2}',
    "> webhook-id: 1\n> webhook-timestamp: 2\n>",
    "-H 'webhook-id: 1' \\\n-H 'webhook-timestamp: 2'",
  ])("reads headers as they are pasted: %s", (text) => expect(readHeaders(text)).toEqual({ "webhook-id": "1", "webhook-timestamp": "2" }));

  it("keeps the colons and equals signs of a value", () => expect(readHeaders("webhook-signature: v1,aGk=:x")).toEqual({ "webhook-signature": "v1,aGk=:x" }));

  it.each([
    ["abcdef", "abXdef", { before: "ab", sent: "c", received: "X", after: "def" }],
    ['{"a":1}', '{"a": 1}', { before: '{"a":', sent: "", received: " ", after: "1}" }],
    ["aa", "aaa", { before: "aa", sent: "", received: "a", after: "" }],
    ["same", "same", { before: "same", sent: "", received: "", after: "" }],
    ["", "x", { before: "", sent: "", received: "x", after: "" }],
  ])("shows where %j and %j part", (sent, received, expected) => expect(parted(sent, received)).toEqual(expected));

  it("makes white space visible", () => expect(visible(" \n\t")).toBe("·⏎⇥"));
});

it("a webhook's address keeps what is known", () => {
  expect(readWebhookSearch({ view: "deliveries", status: "failed", eventType: "payment.success" })).toEqual({ view: undefined, status: "failed", eventType: "payment.success" });
  expect(readWebhookSearch({ view: "x", status: "y" })).toEqual({ view: undefined, status: undefined, eventType: undefined });
});

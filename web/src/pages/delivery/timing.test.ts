/** An attempt's time, stretch by stretch. */
import { describe, expect, it } from "vitest";
import { signatureOf, stretchesOf } from "./timing";

describe("the stretches of an attempt", () => {
  it("add up to the whole", () => {
    const stretches = stretchesOf({ duration: 120, dnsDuration: 10, connectDuration: 20, tlsDuration: 30, firstByteDuration: 100 });
    expect(stretches).toEqual([{ stretch: "dns", ms: 10 }, { stretch: "connect", ms: 20 }, { stretch: "tls", ms: 30 }, { stretch: "waiting", ms: 40 }, { stretch: "reading", ms: 20 }]);
    expect(stretches.reduce((sum, one) => sum + one.ms, 0)).toBe(120);
  });
  it("leave out what a kept connection spares, and what a timeout never reached", () => {
    expect(stretchesOf({ duration: 50, firstByteDuration: 50 })).toEqual([{ stretch: "waiting", ms: 50 }]);
    expect(stretchesOf({ duration: 15_000, dnsDuration: 5, connectDuration: 5 })).toEqual([{ stretch: "dns", ms: 5 }, { stretch: "connect", ms: 5 }, { stretch: "waiting", ms: 14_990 }]);
    expect(stretchesOf({ duration: 0 })).toEqual([]);
  });
});

it("finds the signature in any case", () => {
  expect(signatureOf({ "Webhook-Signature": "v1,x" })).toBe("v1,x");
  expect(signatureOf({ "webhook-id": "x" })).toBeNull();
});

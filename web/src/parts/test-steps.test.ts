/** Reading a connection test's details, which each provider fills in its own way. */
import { describe, expect, it } from "vitest";
import type { Schema } from "~/api/client";
import { findings, hintOf, isLimited, stepsOf } from "./test-steps";

function report(details: Record<string, unknown>, status = "failed"): Schema<"TestOut"> {
  return { status, message: "", details, duration: 5, testedAt: "2026-02-21T10:00:00.000Z" };
}

describe("a test's report", () => {
  it("has its steps in order, with what each said", () => {
    const steps = [
      { name: "format", status: "passed", duration: 0 },
      { name: "authentication", status: "failed", duration: 312, message: "Midtrans rejected the server key" },
    ];
    expect(stepsOf(report({ steps }))).toEqual([
      { name: "format", status: "passed", duration: 0, message: null },
      { name: "authentication", status: "failed", duration: 312, message: "Midtrans rejected the server key" },
    ]);
  });

  it.each([{}, { steps: "none" }, { steps: [null, 5, { name: 7 }, { name: "x", status: "unheard" }] }])(
    "survives details without steps: %o",
    (details) => {
      expect(stepsOf(report(details))).toEqual([]);
    },
  );

  it("gives the remedy, and says when a permission is missing", () => {
    expect(hintOf(report({ hint: "Copy the key again." }))).toBe("Copy the key again.");
    expect(hintOf(report({ hint: 5 }))).toBeNull();
    expect(isLimited(report({ limited: true }, "success"))).toBe(true);
    expect(isLimited(report({ limited: true }, "failed"))).toBe(false);
  });

  it("lists what else was found, without its own members and without objects", () => {
    const details = {
      steps: [],
      step: "x",
      hint: "h",
      environment: "sandbox",
      httpStatus: 401,
      livemode: false,
      capabilities: ["A", "B"],
      balance: { idr: 5 },
    };
    expect(findings(report(details))).toEqual([
      ["environment", "sandbox"],
      ["httpStatus", 401],
      ["livemode", false],
      ["capabilities", "A, B"],
    ]);
  });
});

/** The hub's problems beside the fields they are about. */
import { describe, expect, it } from "vitest";
import { ApiError } from "~/api/api-error";
import { fieldErrors, isAllShown } from "./field-errors";

const error = new ApiError({
  status: 422,
  code: "validation_failed",
  message: "",
  details: { fields: { "configuration.serverKey": ["must start with SB-", "is too short"], displayName: ["is required"] } },
});

describe("field errors", () => {
  it("stand under the field's own name, as a sentence", () => {
    expect(fieldErrors(error, "configuration.")).toEqual({ serverKey: "Must start with SB-. Is too short", displayName: "Is required" });
    expect(fieldErrors(new Error("x"))).toEqual({});
  });

  it("are said elsewhere where the form has no such field", () => {
    expect(isAllShown(error, ["configuration.serverKey", "displayName"])).toBe(true);
    expect(isAllShown(error, ["displayName"])).toBe(false);
    expect(isAllShown(new ApiError({ status: 409, code: "conflict", message: "" }), ["displayName"])).toBe(false);
  });
});

/** What a failed request turns into. */
import { describe, expect, it } from "vitest";
import { ApiError, errorOf, isPassing, isSignedOut } from "./api-error";
import { data, whole } from "./client";

function answer(status: number, headers: Record<string, string> = {}): Response {
  return new Response(null, { status, headers });
}

describe("errorOf", () => {
  it("keeps status, code, sentence and fields of a failure envelope", () => {
    const body = { success: false, error: "The request cannot be taken: name", code: "validation_failed", details: { fields: { name: ["is required"] } } };
    const error = errorOf(answer(422, { "x-request-id": "r-1" }), body);
    expect(error).toMatchObject({ status: 422, code: "validation_failed", message: body.error, fields: { name: ["is required"] }, requestId: "r-1", retryAfter: null });
  });

  it("reads how long to wait", () => {
    expect(errorOf(answer(429, { "retry-after": "7" }), undefined).retryAfter).toBe(7);
    expect(errorOf(answer(429, { "retry-after": "Wed, 21 Oct 2026 07:28:00 GMT" }), undefined).retryAfter).toBeNull();
  });

  it.each([undefined, null, "<html>Bad gateway</html>", [], { error: 5, code: {} }, { details: null }])("survives a body that is no envelope: %o", (body) => {
    expect(errorOf(answer(502), body)).toMatchObject({ status: 502, code: "unexpected_answer", fields: {} });
  });

  it("leaves out fields that are not lists of sentences", () => {
    const body = { error: "e", code: "c", details: { fields: { a: ["x", 5], b: "y", c: null } } };
    expect(errorOf(answer(422), body).fields).toEqual({ a: ["x"] });
  });
});

describe("kinds of error", () => {
  const error = (status: number, code: string) => new ApiError({ status, code, message: "" });

  it("tells an ended session from a refused sign-in", () => {
    expect(isSignedOut(error(401, "unauthorized"))).toBe(true);
    expect(isSignedOut(error(401, "invalid_credentials"))).toBe(false);
    expect(isSignedOut(new Error("401"))).toBe(false);
  });

  it("asks again only where that can help", () => {
    expect([0, 500, 503].map((status) => isPassing(error(status, "x")))).toEqual([true, true, true]);
    expect([400, 403, 404, 422, 429].some((status) => isPassing(error(status, "x")))).toBe(false);
  });
});

describe("whole and data", () => {
  it("hands out the envelope and what is in it", async () => {
    const call = () => Promise.resolve({ data: { success: true, data: [1], pagination: { total: 1 } }, response: answer(200) });
    expect(await data(call())).toEqual([1]);
    expect((await whole(call())).pagination.total).toBe(1);
  });

  it("takes a failed connection test for an answer", async () => {
    const call = Promise.resolve({ data: { success: false, data: { status: "failed" } }, response: answer(200) });
    expect(await data(call)).toEqual({ status: "failed" });
  });

  it("throws an ApiError for a refusal, and for no answer at all", async () => {
    const refused = Promise.resolve({ error: { error: "There is no such partner.", code: "not_found" }, response: answer(404) });
    await expect(data<{ data: unknown }>(refused)).rejects.toMatchObject({ status: 404, code: "not_found" });
    await expect(whole(Promise.reject(new TypeError("Failed to fetch")))).rejects.toMatchObject({ status: 0, code: "unreachable" });
  });

  it("lets an abandoned request stay abandoned", async () => {
    const abandoned = new DOMException("gone", "AbortError");
    await expect(whole(Promise.reject(abandoned))).rejects.toBe(abandoned);
  });
});

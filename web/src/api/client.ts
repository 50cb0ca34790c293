/** Typed requests to the hub: paths, parameters and answers come from the OpenAPI document. */
import createClient from "openapi-fetch";
import { currentLanguage } from "~/language/choice";
import { ApiError, UNREACHABLE, errorOf } from "./api-error";
import type { components, paths } from "./schema";

/** A named schema of the OpenAPI document: `Schema<"PartnerOut">`. */
export type Schema<Name extends keyof components["schemas"]> = components["schemas"][Name];

/** One request: `api.GET("/api/admin/partners", { params: { query } })`. Hand it to `data` or `whole`. */
export const api = createClient<paths>({
  baseUrl: typeof location === "undefined" ? "http://localhost" : location.origin,
  credentials: "same-origin",
  // `?healthStatus=critical&healthStatus=degraded`, as the hub reads repeated parameters.
  querySerializer: { array: { style: "form", explode: true } },
});

// Sentences that the hub writes for people come in the language of the page.
api.use({
  onRequest({ request }) {
    request.headers.set("accept-language", currentLanguage());
    return request;
  },
});

interface Answered<Body> {
  data?: Body;
  error?: unknown;
  response: Response;
}

/** The whole envelope of an answer: `data` with `pagination`, `stats`, `warnings`, `message`. @throws ApiError */
export async function whole<Body>(call: Promise<Answered<Body>>): Promise<NonNullable<Body>> {
  let answered: Answered<Body>;
  try {
    answered = await call;
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === "AbortError") throw cause;
    throw new ApiError({ status: 0, code: UNREACHABLE, message: cause instanceof Error ? cause.message : String(cause) });
  }
  if (!answered.response.ok || answered.data === undefined || answered.data === null) {
    throw errorOf(answered.response, answered.error);
  }
  return answered.data;
}

/** The `data` of an answer. @throws ApiError */
export async function data<Body extends { data: unknown }>(call: Promise<Answered<Body>>): Promise<Body["data"]> {
  return (await whole(call)).data;
}

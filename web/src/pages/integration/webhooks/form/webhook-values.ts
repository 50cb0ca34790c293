/** The form of a webhook: what it starts with, and what is sent. Pure. */
import type { Schema } from "~/api/client";
import type { Webhook } from "~/queries/webhooks";

export const BACKOFFS = ["exponential", "fixed"] as const;
export const ORDERINGS = ["none", "per_key"] as const;
export const STYLES = ["full", "thin"] as const;
export const SCHEMES = ["hmac", "ed25519", "both"] as const;

export interface WebhookValues {
  readonly webhookUrl: string;
  readonly description: string;
  readonly events: string[];
  /** Empty: generated, or left as it is. */
  readonly webhookSecret: string;
  readonly retryAttempts: number;
  readonly retryDelay: number;
  readonly backoff: string;
  readonly timeout: number;
  /** One a line: `name: value`. */
  readonly headers: string;
  readonly ordering: string;
  readonly concurrency: number | null;
  readonly rateLimit: number | null;
  readonly filter: string;
  readonly transformation: string;
  readonly payloadStyle: string;
  readonly signatureScheme: string;
}

export const FIRST: WebhookValues = {
  webhookUrl: "", description: "", events: [], webhookSecret: "", retryAttempts: 3, retryDelay: 60, backoff: "exponential", timeout: 15, headers: "",
  ordering: "none", concurrency: null, rateLimit: null, filter: "", transformation: "", payloadStyle: "full", signatureScheme: "hmac",
};

export function valuesOf(webhook: Webhook): WebhookValues {
  return {
    ...webhook,
    webhookSecret: "",
    description: webhook.description ?? "",
    headers: Object.entries(webhook.headers).map(([name, value]) => `${name}: ${value}`).join("\n"),
    concurrency: webhook.concurrency ?? null,
    rateLimit: webhook.rateLimit ?? null,
    filter: webhook.filter ?? "",
    transformation: webhook.transformation ?? "",
  };
}

/** Lines without a colon are kept as names without a value, so that the hub says what is wrong with them. */
export function headersOf(text: string): Record<string, string> {
  const lines = text.split("\n").map((line) => line.trim()).filter((line) => line !== "");
  return Object.fromEntries(lines.map((line) => {
    const at = line.indexOf(":");
    return at < 0 ? [line, ""] : [line.slice(0, at).trim(), line.slice(at + 1).trim()];
  }));
}

const orNull = (text: string) => (text.trim() === "" ? null : text.trim());

/** All of it but the secret, as both requests take it. */
function shared(values: WebhookValues) {
  const { webhookUrl, events, retryAttempts, retryDelay, backoff, timeout, ordering, concurrency, rateLimit, payloadStyle, signatureScheme } = values;
  return {
    webhookUrl: webhookUrl.trim(), events, retryAttempts, retryDelay, backoff, timeout, ordering, concurrency, rateLimit, payloadStyle, signatureScheme,
    headers: headersOf(values.headers), description: orNull(values.description), filter: orNull(values.filter), transformation: orNull(values.transformation),
  };
}

export function creationOf(values: WebhookValues): Schema<"WebhookIn"> {
  return { ...shared(values), ...(values.webhookSecret === "" ? {} : { webhookSecret: values.webhookSecret }) };
}

export function changeOf(values: WebhookValues): Schema<"WebhookPatch"> {
  return { ...shared(values), ...(values.webhookSecret === "" ? {} : { webhookSecret: values.webhookSecret }) };
}

/** Every member that the form has a field for: what the hub says of these shows there. */
export const SHOWN = Object.keys(FIRST);

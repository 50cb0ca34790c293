/** The one word for how a webhook stands, the gravest first. Pure. */
import type { Webhook } from "~/queries/webhooks";

export type WebhookStateWord = "active" | "inactive" | "disabled" | "open" | "warned" | "recovering";

export function stateOf(webhook: Pick<Webhook, "isActive" | "disabledAt" | "circuit" | "warnedAt">): WebhookStateWord {
  if (!webhook.isActive) return webhook.disabledAt ? "disabled" : "inactive";
  if (webhook.circuit === "open") return "open";
  if (webhook.warnedAt) return "warned";
  return webhook.circuit === "recovering" ? "recovering" : "active";
}

/** Which events a webhook takes: all (an empty list), whole families (`payment.*`), or single names. Pure. */
import type { IntegrationType } from "~/parts/integration-types";

const FAMILIES = {
  payment: ["payment.success", "payment.pending", "payment.failed", "payment.expired", "payment.refunded", "payment.disputed"],
  message: ["message.sent", "message.delivered", "message.read", "message.failed", "message.received"],
  email: ["email.sent", "email.delivered", "email.bounced", "email.complained", "email.failed"],
  integration: ["integration.health_changed"],
  webhook: ["webhook.failing", "webhook.disabled"],
} as const;

export type Family = keyof typeof FAMILIES;

const OWN: Record<IntegrationType, Family> = { payment_gateway: "payment", whatsapp: "message", email_smtp: "email" };

/** The families that an integration of this type has, with their events. */
export function familiesOf(type: IntegrationType): readonly { readonly family: Family; readonly events: readonly string[] }[] {
  const families: readonly Family[] = [OWN[type], "integration", "webhook"];
  return families.map((family) => ({ family, events: FAMILIES[family] }));
}

const all = (family: Family) => `${family}.*`;

export function isWhole(chosen: readonly string[], family: Family): boolean {
  return chosen.includes(all(family));
}

export function isChosen(chosen: readonly string[], event: string): boolean {
  return chosen.includes(event) || chosen.includes(`${event.split(".")[0]}.*`);
}

/** A whole family takes the place of its single events. */
export function toggleFamily(chosen: readonly string[], family: Family): string[] {
  const others = chosen.filter((one) => !one.startsWith(`${family}.`));
  return isWhole(chosen, family) ? others : [...others, all(family)];
}

/** Taking one out of a whole family leaves the family's others. */
export function toggleEvent(chosen: readonly string[], family: Family, event: string): string[] {
  if (isWhole(chosen, family)) {
    const others = chosen.filter((one) => one !== all(family));
    return [...others, ...FAMILIES[family].filter((one) => one !== event)];
  }
  return chosen.includes(event) ? chosen.filter((one) => one !== event) : [...chosen, event];
}

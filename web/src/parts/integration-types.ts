/** The kinds of integration, in the order in which they are shown. Apart from their looks, so that routes stay light. */
import type { Schema } from "~/api/client";

export type IntegrationType = Schema<"IntegrationType">;

export const INTEGRATION_TYPES = ["payment_gateway", "whatsapp", "email_smtp"] as const satisfies readonly IntegrationType[];

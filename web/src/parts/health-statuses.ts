/** The bands of health, worst first; what is unknown comes last. */
import type { Schema } from "~/api/client";

export const HEALTH_STATUSES = ["critical", "degraded", "warning", "healthy", "unknown"] as const satisfies readonly Schema<"HealthStatus">[];

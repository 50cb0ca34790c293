/** The closed lists that logs are filtered by. */
import type { Schema } from "~/api/client";

export const LOG_ACTIONS = ["test", "webhook", "transaction", "error", "config_change"] as const satisfies readonly Schema<"LogAction">[];
export const LOG_STATUSES = ["success", "failed", "pending"] as const satisfies readonly Schema<"LogStatus">[];
export const ERROR_TYPES = [
  "authentication_failed", "permission_denied", "environment_mismatch", "account_suspended", "device_disconnected", "not_found", "invalid_configuration",
  "rate_limited", "provider_unavailable", "timeout", "dns_error", "connection_refused", "connection_reset", "tls_error", "unexpected_response",
  "blocked_address", "signature_invalid", "malformed_notification",
] as const satisfies readonly Schema<"ErrorType">[];

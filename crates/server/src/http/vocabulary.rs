//! The closed lists of words that several resources use, as the OpenAPI document describes them.

use utoipa::ToSchema;

/// The schema of [`simpul_core::integration::IntegrationType`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = IntegrationType, rename_all = "snake_case")]
pub enum IntegrationTypeSchema {
    PaymentGateway,
    Whatsapp,
    EmailSmtp,
}

/// The schema of [`simpul_core::health::HealthStatus`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = HealthStatus, rename_all = "snake_case")]
pub enum HealthStatusSchema {
    /// Success rate 95 to 100.
    Healthy,
    /// 80 to 95.
    Warning,
    /// 50 to 80.
    Degraded,
    /// Under 50.
    Critical,
    /// The window holds no request and no probe.
    Unknown,
}

/// The schema of [`simpul_core::error_type::ErrorType`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = ErrorType, rename_all = "snake_case")]
pub enum ErrorTypeSchema {
    AuthenticationFailed,
    PermissionDenied,
    EnvironmentMismatch,
    AccountSuspended,
    DeviceDisconnected,
    NotFound,
    InvalidConfiguration,
    RateLimited,
    ProviderUnavailable,
    Timeout,
    DnsError,
    ConnectionRefused,
    ConnectionReset,
    TlsError,
    UnexpectedResponse,
    BlockedAddress,
    /// A notification whose proof of origin does not hold.
    SignatureInvalid,
    /// A notification that cannot be read.
    MalformedNotification,
}

/// The schema of [`simpul_core::refusal::RefusalReason`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = RefusalReason, rename_all = "snake_case")]
pub enum RefusalReasonSchema {
    /// The proof of origin is missing or does not fit the configured secret.
    BadSignature,
    /// Genuine, but signed too long ago, or in the future.
    Stale,
    Malformed,
    /// About another account at the provider than the configured one.
    UnknownAccount,
}

/// The schema of [`simpul_core::activity::Action`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = LogAction, rename_all = "snake_case")]
pub enum ActionSchema {
    Test,
    Webhook,
    Transaction,
    Error,
    ConfigChange,
}

/// The schema of [`simpul_core::activity::Status`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = LogStatus, rename_all = "snake_case")]
pub enum StatusSchema {
    Success,
    Failed,
    Pending,
}

/// The schema of [`simpul_core::incident::IncidentKind`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = IncidentKind, rename_all = "snake_case")]
pub enum IncidentKindSchema {
    /// One integration's connection to its provider.
    Connection,
    /// One receiver of ours.
    Webhook,
    /// A provider, for most of its integrations at once.
    ProviderOutage,
    /// Something that is about to end, or has ended.
    Expiry,
}

/// The schema of [`simpul_core::incident::IncidentSeverity`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = IncidentSeverity, rename_all = "snake_case")]
pub enum IncidentSeveritySchema {
    Critical,
    Warning,
}

/// The schema of [`simpul_core::incident::IncidentTrigger`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = IncidentTrigger, rename_all = "snake_case")]
pub enum IncidentTriggerSchema {
    /// Three failed tests in a row.
    Probes,
    /// Five failed calls in a row.
    Calls,
    /// The last hour in a worse band than the day before.
    Band,
    Webhook,
    Expiry,
    /// Most integrations of one provider failing together.
    Providers,
}

/// The schema of [`simpul_core::incident::IncidentEntryKind`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = IncidentEntryKind, rename_all = "snake_case")]
pub enum IncidentEntryKindSchema {
    Opened,
    CauseChanged,
    Joined,
    Note,
    Acknowledged,
    Closed,
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use simpul_core::activity::{Action, Status};
    use simpul_core::error_type::ErrorType;
    use simpul_core::health::HealthStatus;
    use simpul_core::incident::{IncidentEntryKind, IncidentKind, IncidentSeverity, IncidentTrigger};
    use simpul_core::integration::IntegrationType;
    use simpul_core::refusal::RefusalReason;
    use utoipa::PartialSchema;

    use super::*;

    fn assert_same<T: PartialSchema>(known: &[&str]) {
        let schema = serde_json::to_value(T::schema()).unwrap();
        let sorted = |words: Vec<Value>| {
            let mut words: Vec<String> = words.iter().map(ToString::to_string).collect();
            words.sort();
            words
        };
        let documented = schema.get("enum").or_else(|| schema.get("oneOf")).and_then(Value::as_array).unwrap().clone();
        let documented =
            documented.into_iter().map(|word| word.get("enum").map_or(word.clone(), |list| list[0].clone()));
        assert_eq!(sorted(documented.collect()), sorted(known.iter().map(|word| json!(word)).collect()));
    }

    #[test]
    fn the_document_names_every_word_and_no_other() {
        assert_same::<IntegrationTypeSchema>(
            &IntegrationType::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>(),
        );
        assert_same::<HealthStatusSchema>(&HealthStatus::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>());
        assert_same::<ErrorTypeSchema>(&ErrorType::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>());
        assert_same::<RefusalReasonSchema>(&RefusalReason::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>());
        assert_same::<ActionSchema>(&Action::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>());
        assert_same::<IncidentKindSchema>(&IncidentKind::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>());
        assert_same::<IncidentSeveritySchema>(
            &IncidentSeverity::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>(),
        );
        assert_same::<IncidentTriggerSchema>(
            &IncidentTrigger::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>(),
        );
        assert_same::<IncidentEntryKindSchema>(
            &IncidentEntryKind::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>(),
        );
        assert_same::<StatusSchema>(&Status::ALL.iter().map(|word| word.as_str()).collect::<Vec<_>>());
    }
}

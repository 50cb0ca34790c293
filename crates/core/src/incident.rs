//! Incidents: a spell of trouble with an integration, a webhook or a whole provider, from its first failure to its end.

pub mod judgement;
pub mod summary;

use crate::error_type::ErrorType;
use crate::words::words;

words! {
    /// What is in trouble.
    IncidentKind {
        /// One integration's connection to its provider.
        Connection = "connection",
        /// One receiver of ours.
        Webhook = "webhook",
        /// A provider, for most of its integrations at once.
        ProviderOutage = "provider_outage",
        /// A credential, subscription, quota or certificate that is about to end, or has ended.
        Expiry = "expiry",
    }
}

words! {
    /// How bad it is.
    IncidentSeverity { Critical = "critical", Warning = "warning" }
}

words! {
    /// What opened it.
    IncidentTrigger {
        /// Three failed tests in a row.
        Probes = "probes",
        /// Five failed calls in a row.
        Calls = "calls",
        /// The last hour in a worse band than the window.
        Band = "band",
        /// A webhook that fails or was disabled.
        Webhook = "webhook",
        /// An end that draws near.
        Expiry = "expiry",
        /// Most integrations of one provider failing together.
        Providers = "providers",
    }
}

words! {
    /// What a line of an incident's timeline tells.
    IncidentEntryKind {
        Opened = "opened",
        CauseChanged = "cause_changed",
        /// An integration came into a provider's outage.
        Joined = "joined",
        Note = "note",
        Acknowledged = "acknowledged",
        Closed = "closed",
    }
}

/// Why it is: an error type, or one of the causes that no single call has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IncidentCause {
    Error(ErrorType),
    /// The success rate fell into a worse band, without one error that stands out.
    WorseBand,
    WebhookFailing,
    WebhookDisabled,
    ExpiresSoon,
    Expired,
}

impl IncidentCause {
    /// The word in JSON and SQL.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error(error_type) => error_type.as_str(),
            Self::WorseBand => "worse_band",
            Self::WebhookFailing => "webhook_failing",
            Self::WebhookDisabled => "webhook_disabled",
            Self::ExpiresSoon => "expires_soon",
            Self::Expired => "expired",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "worse_band" => Some(Self::WorseBand),
            "webhook_failing" => Some(Self::WebhookFailing),
            "webhook_disabled" => Some(Self::WebhookDisabled),
            "expires_soon" => Some(Self::ExpiresSoon),
            "expired" => Some(Self::Expired),
            other => ErrorType::parse(other).map(Self::Error),
        }
    }
}

impl ErrorType {
    /// Whether the fault can lie with the provider as a whole, so that many integrations show it at once.
    #[must_use]
    pub fn can_be_the_providers(self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::ProviderUnavailable
                | Self::DnsError
                | Self::ConnectionRefused
                | Self::ConnectionReset
                | Self::TlsError
                | Self::UnexpectedResponse
        )
    }

    /// Whether it means that nothing gets through until somebody mends it.
    #[must_use]
    pub fn needs_a_person(self) -> bool {
        matches!(
            self,
            Self::AuthenticationFailed
                | Self::DeviceDisconnected
                | Self::AccountSuspended
                | Self::EnvironmentMismatch
                | Self::InvalidConfiguration
        )
    }

    /// Whether it means that the provider could not be talked to at all.
    #[must_use]
    pub fn is_out_of_reach(self) -> bool {
        matches!(
            self,
            Self::Timeout
                | Self::ProviderUnavailable
                | Self::DnsError
                | Self::ConnectionRefused
                | Self::ConnectionReset
                | Self::TlsError
        )
    }
}

/// Failed tests in a row that open an incident.
pub const FAILED_PROBES: usize = 3;
/// Failed calls in a row that open an incident.
pub const FAILED_CALLS: usize = 5;
/// Requests of the last hour before its band may open an incident.
pub const BAND_REQUESTS: u64 = 10;
/// Failures among them: one failed test alone is no incident, whatever it does to a small number.
pub const BAND_FAILURES: u64 = 3;
/// Successes in a row that close an incident.
pub const CLOSING_SUCCESSES: usize = 2;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for kind in IncidentKind::ALL {
            assert_eq!(IncidentKind::parse(kind.as_str()), Some(*kind));
            assert_eq!(serde_json::to_value(kind).ok(), Some(kind.as_str().into()));
        }
        for error_type in ErrorType::ALL {
            let cause = IncidentCause::Error(*error_type);
            assert_eq!(IncidentCause::parse(cause.as_str()), Some(cause));
        }
        for word in ["worse_band", "webhook_failing", "webhook_disabled", "expires_soon", "expired"] {
            assert_eq!(IncidentCause::parse(word).map(IncidentCause::as_str), Some(word));
        }
    }
}

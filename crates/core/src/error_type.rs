//! What went wrong, as one of a closed list that callers branch on and dashboards group by.

use serde::{Deserialize, Serialize};

macro_rules! error_types {
    ($($(#[$doc:meta])* $variant:ident = $text:literal, $label:literal;)+) => {
        /// Why a call failed.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum ErrorType { $($(#[$doc])* $variant,)+ }

        impl ErrorType {
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word used in JSON, SQL and query strings.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            /// The words shown to people.
            #[must_use]
            pub fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}

error_types! {
    AuthenticationFailed = "authentication_failed", "Authentication error";
    PermissionDenied = "permission_denied", "Permission error";
    EnvironmentMismatch = "environment_mismatch", "Environment mismatch";
    AccountSuspended = "account_suspended", "Account suspended";
    DeviceDisconnected = "device_disconnected", "Device disconnected";
    NotFound = "not_found", "Not found";
    InvalidConfiguration = "invalid_configuration", "Invalid configuration";
    RateLimited = "rate_limited", "Rate limit error";
    ProviderUnavailable = "provider_unavailable", "Provider unavailable";
    Timeout = "timeout", "Timeout error";
    DnsError = "dns_error", "DNS error";
    ConnectionRefused = "connection_refused", "Connection refused";
    ConnectionReset = "connection_reset", "Connection reset";
    TlsError = "tls_error", "TLS error";
    UnexpectedResponse = "unexpected_response", "Unexpected response";
    BlockedAddress = "blocked_address", "Blocked address";
    /// A notification whose proof of origin does not hold.
    SignatureInvalid = "signature_invalid", "Signature error";
    /// A notification that is genuine or unsigned, but cannot be read.
    MalformedNotification = "malformed_notification", "Malformed notification";
}

impl ErrorType {
    /// Whether the fault says that the provider could not be reached or would not let us in: the time that follows
    /// counts as downtime. A wrong answer or a refused notification does not.
    #[must_use]
    pub fn means_down(self) -> bool {
        !matches!(
            self,
            Self::UnexpectedResponse
                | Self::SignatureInvalid
                | Self::MalformedNotification
                | Self::NotFound
                | Self::RateLimited
        )
    }
}

impl std::fmt::Display for ErrorType {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for error_type in ErrorType::ALL {
            assert_eq!(ErrorType::parse(error_type.as_str()), Some(*error_type));
            assert_eq!(serde_json::to_value(error_type).ok(), Some(error_type.as_str().into()));
        }
    }
}

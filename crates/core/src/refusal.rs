//! Why a provider's notification is not taken, as one of a closed list beside the sentence.

/// The reason for a refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum RefusalReason {
    /// Its proof of origin is missing or does not fit the configured secret.
    BadSignature,
    /// Genuine, but signed too long ago, or in the future.
    Stale,
    /// It cannot be read.
    Malformed,
    /// It is about another account at the provider than the configured one.
    UnknownAccount,
}

impl RefusalReason {
    pub const ALL: &'static [Self] = &[Self::BadSignature, Self::Stale, Self::Malformed, Self::UnknownAccount];

    /// The word in JSON, SQL and query strings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::BadSignature => "bad_signature",
            Self::Stale => "stale",
            Self::Malformed => "malformed",
            Self::UnknownAccount => "unknown_account",
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|reason| reason.as_str() == text)
    }

    /// What an operator can do about it, in one sentence.
    #[must_use]
    pub fn remedy(self) -> &'static str {
        match self {
            Self::BadSignature => {
                "Correct the secret that verifies notifications in the integration's configuration, then accept again."
            }
            Self::Stale => {
                "Its time was wrong when it arrived: check this server's clock, and ask the provider to send it again."
            }
            Self::Malformed => "It cannot be read whatever the secret: ask the provider to send it again, or leave it.",
            Self::UnknownAccount => {
                "Correct the account in the integration's configuration, or the URL that the other account was given."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_reads_back() {
        for reason in RefusalReason::ALL {
            assert_eq!(RefusalReason::parse(reason.as_str()), Some(*reason));
            assert!(reason.remedy().ends_with('.'));
        }
        assert_eq!(RefusalReason::parse("other"), None);
    }
}

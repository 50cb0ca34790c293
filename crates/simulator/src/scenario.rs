//! The faults that any provider may have, and the magic words by which a person can ask for one in a credential.

use std::time::Duration;

use crate::accounts::Situation;
use crate::exchange::Answer;

/// What goes wrong, whatever the credential.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// 200 with a maintenance page in HTML.
    Html,
    /// 503 with an HTML page and `Retry-After`.
    Unavailable { retry_after_seconds: u32 },
    /// 429 in the provider's own words with `Retry-After`.
    RateLimited { retry_after_seconds: u32 },
    /// 500 in the provider's own words.
    ServerError,
    /// The right answer, but only after this long; `None` is the simulator's default.
    Slow(Option<Duration>),
    /// The connection is reset before any answer.
    Cut,
    /// The answer ends before its announced length.
    Truncated,
    /// A well-formed answer of 8 MiB.
    Oversized,
    /// 200 around an error of the provider's.
    ErrorInside,
    /// 302 to another host.
    Redirect,
    /// 200 with nothing.
    Empty,
    /// 200 announced as JSON that is no JSON.
    NotJson,
    /// The account gets into a situation, whichever it was made for.
    Account(Situation),
}

impl Fault {
    /// Every fault with its magic word.
    pub const NAMED: &'static [(&'static str, Self)] = &[
        ("html", Self::Html),
        ("503", Self::Unavailable { retry_after_seconds: 30 }),
        ("429", Self::RateLimited { retry_after_seconds: 30 }),
        ("500", Self::ServerError),
        ("slow", Self::Slow(None)),
        ("cut", Self::Cut),
        ("truncated", Self::Truncated),
        ("oversized", Self::Oversized),
        ("inside", Self::ErrorInside),
        ("redirect", Self::Redirect),
        ("empty", Self::Empty),
        ("notjson", Self::NotJson),
    ];

    /// The fault that a credential asks for: `…simulate-html…`; `_` and no separator do as well, since many key formats
    /// have no hyphen. Case does not matter.
    #[must_use]
    pub fn in_credential(credential: &str) -> Option<Self> {
        let credential = credential.to_ascii_lowercase();
        let (_, word) = credential.split_once("simulate")?;
        let word = word.trim_start_matches(['-', '_', '.']);
        Self::NAMED.iter().find(|(name, _)| word.starts_with(name)).map(|(_, fault)| *fault)
    }
}

pub(crate) const HTML_PAGE: &str = "<!DOCTYPE html>\n<html><head><title>Scheduled maintenance</title></head>\n<body><h1>We will be back soon</h1><p>The service is under maintenance.</p></body></html>\n";
const OVERSIZED_BYTES: usize = 8 * 1024 * 1024;
/// More than is sent of it, so that the end is always missing.
const TRUNCATED_BYTES: usize = 16 * 1024;

/// The answer of a fault that reads the same at every provider; `None` for those that do not.
pub(crate) fn common_answer(fault: Fault) -> Option<Answer> {
    Some(match fault {
        Fault::Html => Answer::text(200, "text/html; charset=utf-8", HTML_PAGE),
        Fault::Unavailable { retry_after_seconds } => Answer::text(503, "text/html; charset=utf-8", HTML_PAGE)
            .with("retry-after", retry_after_seconds.to_string()),
        Fault::Truncated => padded(TRUNCATED_BYTES),
        Fault::Oversized => padded(OVERSIZED_BYTES),
        Fault::Redirect => Answer::text(302, "text/html", "").with("location", "https://login.simulator.invalid/moved"),
        Fault::Empty => Answer::text(200, "application/json", ""),
        Fault::NotJson => Answer::text(200, "application/json", "{\"status\": tru"),
        _ => return None,
    })
}

fn padded(bytes: usize) -> Answer {
    let mut body = b"{\"status\":true,\"padding\":\"".to_vec();
    body.resize(bytes.saturating_sub(2), b'.');
    body.extend_from_slice(b"\"}");
    Answer::text(200, "application/json", body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_asks_for_a_fault_in_any_key_format() {
        assert_eq!(Fault::in_credential("SB-Mid-server-simulate-html-1"), Some(Fault::Html));
        assert_eq!(Fault::in_credential("sk_test_simulate_429"), Some(Fault::RateLimited { retry_after_seconds: 30 }));
        assert_eq!(Fault::in_credential("xnd_development_Simulate500abc=="), Some(Fault::ServerError));
        assert_eq!(Fault::in_credential("Mid-server-simulate-nothing"), None);
        assert_eq!(Fault::in_credential("Mid-server-html"), None);
    }

    #[test]
    fn every_named_fault_is_found_by_its_name() {
        for (name, fault) in Fault::NAMED {
            assert_eq!(Fault::in_credential(&format!("key-simulate-{name}")), Some(*fault), "{name}");
        }
    }

    #[test]
    fn the_oversized_answer_is_whole_json() {
        let answer = common_answer(Fault::Oversized).expect("an answer");
        assert_eq!(answer.body.len(), OVERSIZED_BYTES);
        assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok());
    }
}

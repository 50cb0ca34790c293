//! What a provider sends to the hub, before and after it is verified and put into the hub's own words.

use http::{HeaderMap, Method};
use serde_json::Value;
use simpul_core::event::EventType;
use simpul_core::refusal::RefusalReason;
use simpul_core::time::Timestamp;

/// A request to an integration's inbound URL, nothing of it parsed.
pub struct Inbound<'a> {
    pub method: &'a Method,
    /// The public URL exactly as the provider was given it, with the query string as received, still percent-encoded.
    pub url: &'a str,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
    pub received_at: Timestamp,
}

impl Inbound<'_> {
    /// A header's text; `None` when absent or not ASCII.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The media type without parameters, in lower case.
    #[must_use]
    pub fn media_type(&self) -> String {
        self.header("content-type").and_then(|value| value.split(';').next()).unwrap_or("").trim().to_ascii_lowercase()
    }
}

/// Something that happened, read from a verified notification.
#[derive(Debug, Clone)]
pub struct NormalisedEvent {
    pub event_type: EventType,
    /// The same key twice on one integration is the same happening: delivered once. For payments it names the payment and
    /// the type (`payment.success:tx-1`), so that capture then settlement is one success.
    pub deduplication_key: String,
    /// A one-time token that came with the notification; seen before, the event is a duplicate whatever else it says.
    /// Checked on the same integration, beside the key above, for signatures that do not cover what the notification says.
    pub replay_guard: Option<String>,
    /// The payment, message or mail it is about; orders events of different rank.
    pub subject: Option<String>,
    /// [`EventType::rank`], unless the provider knows better (a reversal outranks the success it takes back).
    pub rank: u8,
    pub occurred_at: Timestamp,
    /// Normalised members, camelCase; see the provider's page in the documentation.
    pub data: Value,
    /// The provider's own object, whole.
    pub raw: Value,
    /// Ask the provider before believing it, if the integration's settings say so.
    pub confirm: bool,
}

/// A genuine part of a notification that becomes no event: stored and logged.
#[derive(Debug, Clone)]
pub struct Kept {
    /// One sentence: what it was and why it became no event.
    pub reason: String,
}

/// What a genuine notification held.
#[derive(Debug, Clone, Default)]
pub struct Received {
    pub events: Vec<NormalisedEvent>,
    pub kept: Vec<Kept>,
}

impl Received {
    #[must_use]
    pub fn event(event: NormalisedEvent) -> Self {
        Self { events: vec![event], kept: Vec::new() }
    }

    #[must_use]
    pub fn kept(reason: impl Into<String>) -> Self {
        Self { events: Vec::new(), kept: vec![Kept { reason: reason.into() }] }
    }
}

/// A notification that is not taken. The sentence says which check failed and holds no secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Its proof of origin is missing or wrong: 401.
    #[error("{0}")]
    Forged(String),
    /// Its proof holds, but is of another time: 401.
    #[error("{0}")]
    Stale(String),
    /// It is about another account at the provider than the configured one: 401, or what the provider takes as "do not send
    /// again".
    #[error("{0}")]
    UnknownAccount(String),
    /// It cannot be read: 400, or what the provider takes as "do not send again".
    #[error("{0}")]
    Malformed(String),
}

impl Refusal {
    /// The reason as one of the closed list.
    #[must_use]
    pub fn reason(&self) -> RefusalReason {
        match self {
            Self::Forged(_) => RefusalReason::BadSignature,
            Self::Stale(_) => RefusalReason::Stale,
            Self::UnknownAccount(_) => RefusalReason::UnknownAccount,
            Self::Malformed(_) => RefusalReason::Malformed,
        }
    }
}

/// The answer that a provider expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acknowledgement {
    pub status: u16,
    pub content_type: Option<&'static str>,
    pub body: &'static str,
}

impl Acknowledgement {
    /// 200 with an empty body.
    pub const EMPTY: Self = Self { status: 200, content_type: None, body: "" };
}

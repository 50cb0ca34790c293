//! Why a receiver refuses a delivery: judges the headers and the body that it got against what the hub knows, in the order
//! in which a receiver checks them: headers, timestamp, signature, body.

mod body;
mod headers;

use serde::Serialize;

pub use body::Difference;
pub use headers::{HeaderProblem, SignedHeaders};

use crate::secret::Redactor;
use crate::signature::{is_signing_key, public_key_of, verify, verify_ed25519};
use crate::time::Timestamp;
use crate::webhook::Webhook;

/// Seconds that a delivery's timestamp may be off, on either side, as the reference libraries have it.
pub const TOLERANCE: i64 = 300;

/// What is wrong, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    MissingHeader,
    MalformedHeader,
    TimestampTooOld,
    TimestampInFuture,
    /// Made with a secret that signs no longer, or with none of the webhook's.
    WrongSecret,
    AlteredBody,
    /// The same JSON in other bytes.
    ReencodedJson,
    /// Made for another webhook of the integration.
    OtherWebhook,
}

/// One check of a receiver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// `headers`, `timestamp`, `signature` or `body`.
    pub name: &'static str,
    /// `None` where it cannot be judged.
    pub passed: Option<bool>,
    pub message: String,
    pub cause: Option<Cause>,
}

/// All checks, in the receiver's order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    pub checks: Vec<Check>,
    /// Where the body first differs from the one that was sent.
    pub difference: Option<Difference>,
}

/// What the hub knows of the delivered body.
#[derive(Debug, Clone, Copy)]
pub enum Sent<'a> {
    /// The event's payload, which this webhook delivers as it is.
    Payload(&'a str),
    /// There is such an event, but this webhook delivers another body than its payload.
    Shaped,
    /// The integration has no event of that id.
    Unknown,
}

/// What the judgement rests on.
pub struct Evidence<'a> {
    pub webhook: &'a Webhook,
    /// The integration's other webhooks.
    pub others: &'a [Webhook],
    pub sent: Sent<'a>,
    /// `webhook-signature` headers of this event's attempts to this webhook.
    pub sent_signatures: &'a [String],
    /// When the delivery was received.
    pub at: Timestamp,
    /// Hides secrets in the excerpts of a difference.
    pub redactor: &'a Redactor,
}

impl Diagnosis {
    /// The judgement where the headers themselves cannot be used.
    #[must_use]
    pub fn of_headers(problem: &HeaderProblem) -> Self {
        let unjudged = |name| Check::unjudged(name, "Cannot be judged without the headers.");
        let checks = vec![
            Check::failed("headers", problem.to_string(), problem.cause()),
            unjudged("timestamp"),
            unjudged("signature"),
            unjudged("body"),
        ];
        Self { checks, difference: None }
    }

    /// Judges a delivery whose headers could be read.
    #[must_use]
    pub fn of(headers: &SignedHeaders, body: &[u8], evidence: &Evidence<'_>) -> Self {
        let (signature, body, difference) = judge(headers, body, evidence);
        let present = Check::passed("headers", "webhook-id, webhook-timestamp and webhook-signature are there.");
        Self { checks: vec![present, timestamp(headers.timestamp, evidence.at), signature, body], difference }
    }

    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.checks.iter().all(|check| check.passed == Some(true))
    }

    /// The first cause, in the receiver's order.
    #[must_use]
    pub fn cause(&self) -> Option<Cause> {
        self.checks.iter().find_map(|check| check.cause)
    }

    /// Everything that failed, in sentences.
    #[must_use]
    pub fn reason(&self) -> Option<String> {
        let failed: Vec<&str> = self
            .checks
            .iter()
            .filter(|check| check.passed == Some(false))
            .map(|check| check.message.as_str())
            .collect();
        (!failed.is_empty()).then(|| failed.join(" "))
    }
}

impl Check {
    fn passed(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, passed: Some(true), message: message.into(), cause: None }
    }

    fn failed(name: &'static str, message: impl Into<String>, cause: Cause) -> Self {
        Self { name, passed: Some(false), message: message.into(), cause: Some(cause) }
    }

    fn unjudged(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, passed: None, message: message.into(), cause: None }
    }
}

fn timestamp(signed_at: i64, at: Timestamp) -> Check {
    const NAME: &str = "timestamp";
    let age = at.seconds().saturating_sub(signed_at);
    let off = span(age.saturating_abs());
    if age > TOLERANCE {
        let message = format!(
            "The timestamp is {off} old, and a receiver takes five minutes: check the receiver's clock, or whether the delivery waited in a queue. For a delivery that came earlier, send receivedAt."
        );
        return Check::failed(NAME, message, Cause::TimestampTooOld);
    }
    if age < -TOLERANCE {
        let message = format!(
            "The timestamp lies {off} ahead, and a receiver takes five minutes: check the clocks of Simpul and of the receiver."
        );
        return Check::failed(NAME, message, Cause::TimestampInFuture);
    }
    Check::passed(NAME, format!("The timestamp is {off} off, within five minutes."))
}

/// Seconds in words.
fn span(seconds: i64) -> String {
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min {} s", seconds / 60, seconds % 60),
        3_600..86_400 => format!("{} h {} min", seconds / 3_600, seconds % 3_600 / 60),
        _ => format!("{} d {} h", seconds / 86_400, seconds % 86_400 / 3_600),
    }
}

/// Whose secret or key made a signature.
enum Signer {
    Current,
    /// Of an earlier rotation, signing until then.
    Previous(Timestamp),
}

/// Looks for the secret or key of `webhook` that signed `body`, also among those that sign no longer.
fn signer(webhook: &Webhook, headers: &SignedHeaders, body: &[u8]) -> Option<Signer> {
    let made = |secret: &str| {
        let (id, at, signatures) = (headers.id.as_str(), headers.timestamp, headers.signatures.as_str());
        match public_key_of(secret) {
            Some(public) => verify_ed25519(&public, id, at, body, signatures),
            None => verify(secret, id, at, body, signatures),
        }
    };
    // The secret is an HMAC key whatever it looks like; only what a rotation kept may be of either kind.
    let current = verify(&webhook.secret, &headers.id, headers.timestamp, body, &headers.signatures)
        || webhook.signing_key.as_deref().is_some_and(|key| is_signing_key(key) && made(key));
    if current {
        return Some(Signer::Current);
    }
    let previous = webhook.previous_secrets.iter().find(|previous| made(&previous.secret));
    previous.map(|previous| Signer::Previous(previous.expires_at))
}

fn judge(headers: &SignedHeaders, body: &[u8], evidence: &Evidence<'_>) -> (Check, Check, Option<Difference>) {
    let webhook = evidence.webhook;
    if let Some(signer) = signer(webhook, headers, body) {
        let check = signed(&signer, "this body", evidence.at);
        return (check, Check::passed("body", "The body is, byte for byte, what was signed."), None);
    }
    if let Sent::Payload(payload) = evidence.sent
        && let Some(signer) = signer(webhook, headers, payload.as_bytes())
    {
        let (check, difference) = body::compare(payload.as_bytes(), body, evidence.redactor);
        return (signed(&signer, "the body that Simpul sent", evidence.at), check, difference);
    }
    let (body_check, difference) = compared(body, evidence);
    let foreign = evidence.others.iter().find(|other| {
        let sent = match evidence.sent {
            Sent::Payload(payload) => signer(other, headers, payload.as_bytes()),
            Sent::Shaped | Sent::Unknown => None,
        };
        sent.or_else(|| signer(other, headers, body)).is_some()
    });
    if let Some(other) = foreign {
        let message = format!(
            "The signature was made for another webhook of this integration, {}: use that webhook's secret, or correct the URL of one of them.",
            other.id
        );
        return (Check::failed("signature", message, Cause::OtherWebhook), body_check, difference);
    }
    let was_sent = evidence.sent_signatures.iter().any(|sent| headers.shares_a_signature(sent));
    match (was_sent, evidence.sent) {
        (true, Sent::Shaped) => {
            let check = Check::passed("signature", "Simpul sent exactly this signature with this delivery.");
            let message = "The body is not what was signed (unless the webhook's secret was replaced since); where it differs cannot be said, since this webhook delivers another body than the stored event.";
            (check, Check::failed("body", message, Cause::AlteredBody), None)
        }
        (true, _) => {
            let message = "Simpul sent this signature, but with a secret that this webhook no longer has: the secret was replaced without an overlap.";
            (Check::failed("signature", message, Cause::WrongSecret), body_check, difference)
        }
        (false, sent) => {
            let also = match sent {
                Sent::Payload(_) => "",
                Sent::Shaped | Sent::Unknown => ", or the body was altered",
            };
            let message = format!(
                "No secret or key of this webhook made the signature: it was signed with another secret, or for another id or timestamp{also}."
            );
            (Check::failed("signature", message, Cause::WrongSecret), body_check, difference)
        }
    }
}

fn signed(signer: &Signer, what: &str, at: Timestamp) -> Check {
    match signer {
        Signer::Current => {
            Check::passed("signature", format!("A present secret or key of this webhook signed {what}."))
        }
        Signer::Previous(until) if *until > at => Check::passed(
            "signature",
            format!("A secret or key that was replaced signed {what}; it goes on signing until {until}."),
        ),
        Signer::Previous(until) => Check::failed(
            "signature",
            format!(
                "An earlier secret or key of this webhook signed {what}; it was valid until {until}. Use the present one."
            ),
            Cause::WrongSecret,
        ),
    }
}

/// The body against the one that was sent, where the signature fits neither.
fn compared(body: &[u8], evidence: &Evidence<'_>) -> (Check, Option<Difference>) {
    const SHAPED: &str = "Cannot be compared: this webhook has a transformation or the thin style, so it delivers another body than the stored event.";
    const UNKNOWN: &str = "Cannot be compared: this integration has no event with this webhook-id (tests are not kept, and old events are let go).";
    match evidence.sent {
        Sent::Payload(payload) => body::compare(payload.as_bytes(), body, evidence.redactor),
        Sent::Shaped => (Check::unjudged("body", SHAPED), None),
        Sent::Unknown => (Check::unjudged("body", UNKNOWN), None),
    }
}

#[cfg(test)]
mod tests;

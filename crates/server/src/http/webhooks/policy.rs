//! How a webhook wants its deliveries, beside where and what: order, pace, signature, shape.

use simpul_core::signature::is_signing_key;
use simpul_core::webhook::{Ordering, PayloadStyle, SignatureScheme, Webhook};

use super::generated_signing_key;
use crate::http::Problems;

/// Characters of a filter or transformation.
pub(super) const EXPRESSION_CHARACTERS: usize = 4_000;
const MOST_AT_ONCE: i64 = 100;
const MOST_A_SECOND: i64 = 1_000;

/// What a caller wants; absent members stay as they are, `Some(None)` removes.
#[derive(Debug, Default)]
pub(super) struct DeliveryPolicy {
    pub(super) ordering: Option<String>,
    pub(super) concurrency: Option<Option<i64>>,
    pub(super) rate_limit: Option<Option<i64>>,
    pub(super) filter: Option<Option<String>>,
    pub(super) transformation: Option<Option<String>>,
    pub(super) payload_style: Option<String>,
    pub(super) signature_scheme: Option<String>,
}

impl DeliveryPolicy {
    /// Applies what is given, naming every member that cannot be taken.
    pub(super) fn apply(self, webhook: &mut Webhook, problems: &mut Problems) {
        word(&mut webhook.ordering, self.ordering, Ordering::parse, ("ordering", "none or per_key"), problems);
        word(
            &mut webhook.payload_style,
            self.payload_style,
            PayloadStyle::parse,
            ("payloadStyle", "full or thin"),
            problems,
        );
        word(
            &mut webhook.signature_scheme,
            self.signature_scheme,
            SignatureScheme::parse,
            ("signatureScheme", "hmac, ed25519 or both"),
            problems,
        );
        if webhook.signature_scheme.has_ed25519() && !webhook.signing_key.as_deref().is_some_and(is_signing_key) {
            webhook.signing_key = Some(generated_signing_key());
        }
        optional_number(&mut webhook.concurrency, self.concurrency, ("concurrency", MOST_AT_ONCE), problems);
        optional_number(&mut webhook.rate_limit, self.rate_limit, ("rateLimit", MOST_A_SECOND), problems);
        expression(&mut webhook.filter, self.filter, "filter", problems);
        expression(&mut webhook.transformation, self.transformation, "transformation", problems);
    }
}

fn word<T>(
    member: &mut T,
    given: Option<String>,
    parse: impl Fn(&str) -> Option<T>,
    (name, known): (&str, &str),
    problems: &mut Problems,
) {
    let Some(text) = given else { return };
    match parse(&text) {
        Some(value) => *member = value,
        None => problems.add(name, format!("must be {known}")),
    }
}

fn optional_number(
    member: &mut Option<u32>,
    given: Option<Option<i64>>,
    (name, most): (&str, i64),
    problems: &mut Problems,
) {
    let Some(given) = given else { return };
    if let Some(number) = given {
        problems.range(name, number, 1, most);
    }
    *member = given.and_then(|number| u32::try_from(number.clamp(1, most)).ok());
}

fn expression(member: &mut Option<String>, given: Option<Option<String>>, name: &str, problems: &mut Problems) {
    let Some(given) = given else { return };
    *member = checked_expression(given, name, problems);
}

/// A filter or transformation without what surrounds it; an empty one is none. Whether it can be read is not said here.
pub(super) fn checked_expression(given: Option<String>, name: &str, problems: &mut Problems) -> Option<String> {
    let text = given.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())?;
    problems.length(name, &text, 1, EXPRESSION_CHARACTERS);
    Some(text)
}

/// The members of the policy, each with whether it differs.
pub(super) fn differences(before: &Webhook, after: &Webhook) -> [(&'static str, bool); 8] {
    [
        ("ordering", before.ordering != after.ordering),
        ("concurrency", before.concurrency != after.concurrency),
        ("rateLimit", before.rate_limit != after.rate_limit),
        ("filter", before.filter != after.filter),
        ("transformation", before.transformation != after.transformation),
        ("payloadStyle", before.payload_style != after.payload_style),
        ("signatureScheme", before.signature_scheme != after.signature_scheme),
        ("signingKey", before.signing_key != after.signing_key),
    ]
}

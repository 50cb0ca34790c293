//! What the e-mail providers share: keys of the wrong kind told apart, rate limits read, and what became of a mail in the
//! hub's own words.

#[cfg(test)]
pub(crate) mod fake_network;

use std::time::Duration;

use serde_json::{Map, Value, json};
use simpul_core::activity::clip;
use simpul_core::event::EventType;
use simpul_core::secret::looks_masked;
use simpul_core::time::Timestamp;

use crate::network::HttpResponse;
use crate::notification::NormalisedEvent;

/// What the sender's address must look like; the whole check is the mail server's.
pub(crate) const ADDRESS: (&str, &str) =
    (r"[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+", "must be one e-mail address such as billing@example.com, without a name");

/// Beginnings that providers fix for their keys, what such a key is, and whose it is.
const KNOWN_KEYS: &[(&str, &str, &str)] = &[
    ("pubkey-", "Mailgun's public validation key", ""),
    ("key-", "a Mailgun key", "mailgun"),
    ("SG.", "a SendGrid API key", "sendgrid"),
    ("SB-Mid-", "a Midtrans key", "midtrans"),
    ("Mid-server-", "a Midtrans server key", "midtrans"),
    ("Mid-client-", "a Midtrans client key", "midtrans"),
    ("xnd_", "a Xendit key", "xendit"),
    ("sk_live_", "a Stripe secret key", "stripe"),
    ("sk_test_", "a Stripe secret key", "stripe"),
    ("rk_live_", "a Stripe restricted key", "stripe"),
    ("rk_test_", "a Stripe restricted key", "stripe"),
    ("pk_live_", "a Stripe publishable key", "stripe"),
    ("pk_test_", "a Stripe publishable key", "stripe"),
    ("whsec_", "a webhook secret of another service", ""),
];

/// Why this cannot be a key of the provider `own`: a mask, white space, or a beginning that another key has.
pub(crate) fn key_problem(key: &str, own: &str) -> Option<String> {
    if looks_masked(key) {
        return Some("is a mask, not the key itself: paste the whole key".to_owned());
    }
    if key.chars().any(|character| character.is_whitespace() || !character.is_ascii()) {
        return Some(
            "contains a space or a special character: copy the key again, without what surrounds it".to_owned(),
        );
    }
    let (_, what, _) = KNOWN_KEYS.iter().find(|(start, _, owner)| *owner != own && key.starts_with(start)).copied()?;
    Some(format!("is {what}, which does not work here"))
}

/// How long until `X-RateLimit-Reset` (epoch seconds, perhaps with a fraction), counted from the answer's own `Date`.
pub(crate) fn wait_until_reset(response: &HttpResponse) -> Option<Duration> {
    let header = |name: &str| response.headers.get(name)?.to_str().ok();
    let reset: f64 = header("x-ratelimit-reset")?.trim().parse().ok()?;
    let sent = jiff::fmt::rfc2822::parse(header("date")?).ok()?.timestamp();
    let seconds = (reset - sent.as_millisecond() as f64 / 1_000.0).ceil();
    (0.0..=86_400.0).contains(&seconds).then(|| Duration::from_secs(seconds as u64))
}

/// A moment in Unix seconds, as a number or as text, perhaps with a fraction.
pub(crate) fn moment(value: &Value) -> Option<Timestamp> {
    let seconds = match value {
        Value::Number(number) => number.as_f64()?,
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    (0.0..253_402_300_800.0).contains(&seconds).then(|| Timestamp::from_millis((seconds * 1_000.0).round() as i64))
}

/// Text that is there and says something; numbers count as text.
pub(crate) fn words(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What a notification says about one mail to one recipient; absent members stay out of the event.
#[derive(Debug, Default)]
pub(crate) struct Mail {
    pub(crate) message_id: Option<String>,
    pub(crate) recipient: Option<String>,
    pub(crate) provider_status: Option<String>,
    pub(crate) provider_event_type: String,
    pub(crate) reason: Option<String>,
    /// Whether a bounce condemns the address.
    pub(crate) permanent: Option<bool>,
    pub(crate) smtp_code: Option<i64>,
    pub(crate) enhanced_code: Option<String>,
    /// Our own id, sent along with the mail as `hub_message_id`.
    pub(crate) correlation_id: Option<String>,
    pub(crate) tags: Vec<String>,
}

impl Mail {
    /// The mail as an event of that type, without a replay guard.
    pub(crate) fn into_event(
        self,
        event_type: EventType,
        deduplication_key: String,
        occurred_at: Timestamp,
        raw: Value,
    ) -> NormalisedEvent {
        let subject = self.message_id.as_ref().map(|id| match &self.recipient {
            Some(recipient) => format!("{id}:{recipient}"),
            None => id.clone(),
        });
        NormalisedEvent {
            event_type,
            deduplication_key,
            replay_guard: None,
            subject,
            rank: event_type.rank(),
            occurred_at,
            data: self.into_data(event_type),
            raw,
            confirm: false,
        }
    }

    fn into_data(self, event_type: EventType) -> Value {
        let permanent = self.permanent.filter(|_| event_type == EventType::EmailBounced);
        let members = [
            ("messageId", self.message_id.map(Value::from)),
            ("recipient", self.recipient.map(Value::from)),
            ("providerEventType", Some(self.provider_event_type.into())),
            ("providerStatus", self.provider_status.map(Value::from)),
            ("reason", self.reason.map(|reason| clip(&reason, 1_000).into())),
            ("permanent", permanent.map(Value::from)),
            ("smtpCode", self.smtp_code.map(Value::from)),
            ("enhancedCode", self.enhanced_code.map(Value::from)),
            ("correlationId", self.correlation_id.map(Value::from)),
            ("tags", (!self.tags.is_empty()).then(|| json!(self.tags))),
        ];
        let present = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        Value::Object(present.collect::<Map<_, _>>())
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    #[test]
    fn a_key_of_another_kind_is_named() {
        for (key, own, part) in [
            ("SG.abc", "mailgun", "SendGrid"),
            ("pubkey-abc", "mailgun", "public validation"),
            ("key-abc", "sendgrid", "Mailgun"),
            ("Mid-server-abc", "sendgrid", "Midtrans"),
            ("sk_live_abc", "mailgun", "Stripe"),
            ("whsec_abc", "mailgun", "webhook"),
            ("key-a b", "mailgun", "space"),
            ("key-••••1a2b", "mailgun", "mask"),
        ] {
            let problem = key_problem(key, own).unwrap_or_default();
            assert!(problem.contains(part), "{key}: {problem}");
        }
        assert_eq!(key_problem("key-abc", "mailgun"), None);
        assert_eq!(key_problem("SG.abc", "sendgrid"), None);
    }

    #[test]
    fn a_moment_is_a_number_or_text_with_or_without_a_fraction() {
        let millis = |value: Value| moment(&value).map(Timestamp::millis);
        assert_eq!(millis(json!(1_770_920_771.641_821)), Some(1_770_920_771_642));
        assert_eq!(millis(json!("1770920772")), Some(1_770_920_772_000));
        for wrong in [json!("soon"), json!(null), json!(-1), json!(1e300), json!("NaN"), json!("inf")] {
            assert_eq!(millis(wrong), None);
        }
    }

    #[test]
    fn the_reset_time_is_counted_from_the_answers_own_date() {
        let answer = |reset: &str| {
            let mut headers = HeaderMap::new();
            headers.insert("date", "Thu, 12 Feb 2026 18:26:12 GMT".parse().unwrap());
            headers.insert("x-ratelimit-reset", reset.parse().unwrap());
            HttpResponse { status: 429, headers, body: Vec::new(), truncated: false }
        };
        assert_eq!(wait_until_reset(&answer("1770920802.5")), Some(Duration::from_secs(31)));
        for nonsense in ["soon", "0", "99999999999", "NaN"] {
            assert_eq!(wait_until_reset(&answer(nonsense)), None);
        }
    }
}

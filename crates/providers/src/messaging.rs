//! What the messaging providers share: keys of the wrong kind told apart, notification bodies read without trust, and
//! what became of a message or a device in the hub's own words.

#[cfg(test)]
pub(crate) mod scripted;
#[cfg(test)]
mod tests;

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use simpul_core::activity::clip;
use simpul_core::event::EventType;
use simpul_core::secret::looks_masked;
use simpul_core::time::{Clock, SystemClock, Timestamp};

use crate::network::HttpResponse;
use crate::notification::{Inbound, NormalisedEvent, Refusal};

/// More objects than this in one notification are not read.
const MOST_OBJECTS: usize = 1_000;
/// Identifiers longer than this are replaced by their fingerprint, so that they fit an index.
const LONGEST_ID: usize = 200;

/// Beginnings that providers fix for their keys, and what such a key is.
const KNOWN_KEYS: &[(&str, &str)] = &[
    ("SB-Mid-", "a Midtrans sandbox key"),
    ("Mid-server-", "a Midtrans server key"),
    ("Mid-client-", "a Midtrans client key"),
    ("xnd_", "a Xendit key"),
    ("sk_live_", "a Stripe secret key"),
    ("sk_test_", "a Stripe secret key"),
    ("rk_live_", "a Stripe restricted key"),
    ("rk_test_", "a Stripe restricted key"),
    ("pk_live_", "a Stripe publishable key"),
    ("pk_test_", "a Stripe publishable key"),
    ("whsec_", "a webhook secret"),
    ("SG.", "a SendGrid API key"),
];

/// Why this cannot be a key of a messaging provider: a mask, white space, or the form of another provider's key.
pub(crate) fn key_problem(key: &str) -> Option<String> {
    if looks_masked(key) {
        return Some("is a mask, not the value itself: paste the whole value".to_owned());
    }
    if let Some((_, what)) = KNOWN_KEYS.iter().find(|(start, _)| key.starts_with(start)) {
        return Some(format!("is {what}, which does not work here"));
    }
    if key.starts_with("Bearer ") || key.starts_with("Basic ") {
        return Some("must be the credential alone, without the word before it".to_owned());
    }
    if key.chars().any(|character| character.is_whitespace() || !character.is_ascii_graphic()) {
        return Some("contains a space or a special character: copy it again, without what surrounds it".to_owned());
    }
    None
}

/// Whether this is one of Twilio's identifiers: the two letters and 32 hexadecimal digits.
pub(crate) fn is_twilio_sid(text: &str, letters: &str) -> bool {
    text.strip_prefix(letters).is_some_and(|rest| rest.len() == 32 && rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Text that is there and says something; numbers count as text.
pub(crate) fn words(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The first of these members that says something.
pub(crate) fn first_words(object: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| words(object.get(*name)))
}

/// A member by its name, whatever the case of its letters; the exact spelling wins.
pub(crate) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object
        .get(name)
        .or_else(|| object.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// A yes or no that may be written as text.
pub(crate) fn truth(value: Option<&Value>) -> Option<bool> {
    match value? {
        Value::Bool(truth) => Some(*truth),
        Value::String(text) if text.trim().eq_ignore_ascii_case("true") => Some(true),
        Value::String(text) if text.trim().eq_ignore_ascii_case("false") => Some(false),
        _ => None,
    }
}

/// A moment as RFC 3339 with any fraction, or as Unix seconds (milliseconds when far too large for seconds), as a number
/// or as text.
pub(crate) fn moment(value: Option<&Value>) -> Option<Timestamp> {
    let text = words(value)?;
    if let Ok(time) = text.parse() {
        return Some(time);
    }
    let number: f64 = text.parse().ok()?;
    let millis = if number >= 1e11 { number } else { number * 1_000.0 };
    (0.0..253_402_300_800_000.0).contains(&millis).then(|| Timestamp::from_millis(millis.round() as i64))
}

/// A day as `2026-02-21`, as `21 February 2026`, or as Unix seconds.
pub(crate) fn day(value: Option<&Value>) -> Option<Date> {
    let text = words(value)?;
    text.parse().ok().or_else(|| Date::strptime("%d %B %Y", &text).ok()).or_else(|| {
        let time = moment(value)?;
        Some(jiff::tz::Offset::UTC.to_datetime(jiff::Timestamp::from_millisecond(time.millis()).ok()?).date())
    })
}

/// Whether the day was over when the answer was sent. The answer's own `Date` decides, so that a wrong clock of this
/// machine does not; a day counts as over once it is over in UTC.
pub(crate) fn is_past(day: Date, response: &HttpResponse) -> bool {
    let dated = response
        .headers
        .get(http::header::DATE)
        .and_then(|value| jiff::fmt::rfc2822::parse(value.to_str().ok()?).ok())
        .map(|zoned| zoned.timestamp());
    let now = dated.or_else(|| jiff::Timestamp::from_millisecond(SystemClock.now().millis()).ok());
    now.is_some_and(|now| day < jiff::tz::Offset::UTC.to_datetime(now).date())
}

/// A telephone number's digits, with Indonesia's country code in place of a leading zero.
pub(crate) fn number_digits(text: &str) -> String {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    match digits.strip_prefix('0') {
        Some(rest) => format!("62{rest}"),
        None => digits,
    }
}

/// The same for the same texts, different otherwise: 64 hexadecimal digits.
pub(crate) fn fingerprint(parts: &[&str]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_be_bytes());
        digest.update(part.as_bytes());
    }
    hex(&digest.finalize())
}

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A provider's identifier in a form that can be stored and indexed.
pub(crate) fn identifier(text: &str) -> String {
    if text.len() <= LONGEST_ID && !text.chars().any(char::is_control) { text.to_owned() } else { fingerprint(&[text]) }
}

/// The objects of a JSON body: one, or an array of them.
///
/// # Errors
/// `Malformed` for what is no JSON or far too long; `Forged` for JSON that holds no object, for nothing in it could tie it
/// to the account.
pub(crate) fn json_objects(label: &str, request: &Inbound<'_>) -> Result<Vec<Map<String, Value>>, Refusal> {
    let value: Value = serde_json::from_slice(request.body)
        .map_err(|_| Refusal::Malformed(format!("The body of this {label} notification is not JSON.")))?;
    let values = match value {
        Value::Array(values) => values,
        value => vec![value],
    };
    if values.len() > MOST_OBJECTS {
        return Err(Refusal::Malformed(format!(
            "This {label} notification holds more than {MOST_OBJECTS} parts; it was not read."
        )));
    }
    let objects: Option<Vec<_>> = values
        .into_iter()
        .map(|value| match value {
            Value::Object(object) if !object.is_empty() => Some(object),
            _ => None,
        })
        .collect();
    objects
        .filter(|objects| !objects.is_empty())
        .ok_or_else(|| Refusal::Forged(format!("This {label} notification holds nothing that ties it to the account.")))
}

/// What a notification says about one message; absent members stay out of the event.
#[derive(Debug, Default)]
pub(crate) struct Message {
    pub(crate) message_id: Option<String>,
    pub(crate) from: Option<String>,
    pub(crate) to: Option<String>,
    pub(crate) provider_status: Option<String>,
    pub(crate) error_code: Option<String>,
    pub(crate) error_message: Option<String>,
    /// Kept for received messages only.
    pub(crate) text: Option<String>,
    pub(crate) media_url: Option<String>,
    pub(crate) sender_name: Option<String>,
    pub(crate) device: Option<String>,
}

impl Message {
    /// The message as an event of that type. `id` names the message; one event for each message and type.
    pub(crate) fn into_event(
        self,
        event_type: EventType,
        id: &str,
        occurred_at: Timestamp,
        raw: Value,
    ) -> NormalisedEvent {
        let subject = identifier(id);
        let key = format!("{}:{subject}", event_type.as_str());
        event(event_type, key, Some(subject), occurred_at, self.into_data(event_type), raw)
    }

    fn into_data(self, event_type: EventType) -> Value {
        let received = event_type == EventType::MessageReceived;
        let failed = event_type == EventType::MessageFailed;
        present([
            ("messageId", self.message_id),
            ("from", self.from),
            ("to", self.to),
            ("providerStatus", self.provider_status),
            ("errorCode", self.error_code),
            ("errorMessage", self.error_message.filter(|_| failed).map(|message| clip(&message, 1_000))),
            ("text", self.text.filter(|_| received)),
            ("mediaUrl", self.media_url),
            ("senderName", self.sender_name),
            ("device", self.device),
        ])
    }
}

/// A device that was linked or unlinked. `said_at` is the provider's own time, if it gave one; without it every
/// notification counts, for the same change cannot be told from the next one.
pub(crate) fn device_event(
    device: &str,
    status: &str,
    reason: Option<String>,
    said_at: Option<Timestamp>,
    received_at: Timestamp,
    raw: Value,
) -> NormalisedEvent {
    let occurred_at = said_at.unwrap_or(received_at);
    let event_type = EventType::IntegrationHealthChanged;
    let key = format!("{}:{}:{status}:{occurred_at}", event_type.as_str(), identifier(device));
    let data = present([
        ("deviceStatus", Some(status.to_owned())),
        ("device", Some(device.to_owned())),
        ("reason", reason.map(|reason| clip(&reason, 1_000))),
    ]);
    event(event_type, key, None, occurred_at, data, raw)
}

fn event(
    event_type: EventType,
    deduplication_key: String,
    subject: Option<String>,
    occurred_at: Timestamp,
    data: Value,
    raw: Value,
) -> NormalisedEvent {
    NormalisedEvent {
        replay_guard: None,
        event_type,
        deduplication_key,
        subject,
        rank: event_type.rank(),
        occurred_at,
        data,
        raw,
        confirm: false,
    }
}

fn present<const N: usize>(members: [(&str, Option<String>); N]) -> Value {
    let members = members.into_iter().filter_map(|(name, value)| Some((name.to_owned(), json!(value?))));
    Value::Object(members.collect())
}

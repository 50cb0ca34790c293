//! Payments in the hub's own words: the normalised members that every payment event has, whichever provider it is from.
//!
//! `paymentId`, `reference` (the merchant's own), `amount` (decimal text in major units), `currency` (upper case),
//! `providerStatus`, `providerEventType`, `method`, `failureReason`, `refundId`, `refundedAmount` (of that refund),
//! `partial`, `disputeId`, and `confirmed` once the provider has been asked. What is unknown is left out.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};
use simpul_core::time::Timestamp;

/// The normalised members, absent ones left out.
#[derive(Default)]
pub(crate) struct PaymentData(Map<String, Value>);

impl PaymentData {
    pub(crate) fn with(mut self, name: &str, value: Option<impl Into<Value>>) -> Self {
        if let Some(value) = value {
            self.0.insert(name.to_owned(), value.into());
        }
        self
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Object(self.0)
    }
}

/// A member as text: a string that is not blank, or a number as it is written.
pub(crate) fn text(object: &Value, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) if !text.trim().is_empty() => Some(text.clone()),
        Value::Number(_) => amount(object, name),
        _ => None,
    }
}

/// The first of these members that is there.
pub(crate) fn first_text(object: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| text(object, name))
}

/// An amount in major units, from a number or a numeric string, the provider's digits kept.
pub(crate) fn amount(object: &Value, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) => is_decimal(text.trim()).then(|| text.trim().to_owned()),
        Value::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(whole), _) => Some(whole.to_string()),
            (None, Some(fraction)) => Some(fraction.to_string()),
            (None, None) => None,
        },
        _ => None,
    }
}

/// The first of these members that is an amount.
pub(crate) fn first_amount(object: &Value, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| amount(object, name))
}

/// An ISO 4217 code in upper case.
pub(crate) fn currency(object: &Value) -> Option<String> {
    text(object, "currency").map(|code| code.to_ascii_uppercase())
}

/// An RFC 3339 member as a time.
pub(crate) fn time(object: &Value, name: &str) -> Option<Timestamp> {
    object.get(name)?.as_str()?.parse().ok()
}

/// Whether two amounts are the same number, however many zeros end them; never by way of floating point.
pub(crate) fn same_amount(one: &str, other: &str) -> bool {
    fn plain(text: &str) -> &str {
        let text = text.trim();
        if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { text }
    }
    plain(one) == plain(other)
}

fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    text.len() <= 40 && all_digits(whole) && all_digits(fraction)
}

/// An id as one segment of a URL's path; `None` for what could lead elsewhere.
pub(crate) fn path_segment(id: &str) -> Option<String> {
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    let climbs = matches!(id, "" | "." | "..");
    (!climbs && id.len() <= 200).then(|| utf8_percent_encode(id, KEPT).to_string())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn amounts_are_taken_as_numbers_or_numeric_text_and_nothing_else() {
        let body =
            json!({"a": 150000, "b": 150000.5, "c": "150000.00", "d": "12e3", "e": "", "f": null, "g": 150000.0});
        for (name, expected) in [
            ("a", Some("150000")),
            ("b", Some("150000.5")),
            ("c", Some("150000.00")),
            ("d", None),
            ("e", None),
            ("f", None),
            ("g", Some("150000")),
        ] {
            assert_eq!(amount(&body, name).as_deref(), expected, "{name}");
        }
        assert!(same_amount("150000.00", "150000"));
        assert!(!same_amount("150000.00", "15000"));
        assert!(!same_amount("1500", "15"));
    }

    #[test]
    fn an_id_cannot_leave_its_place_in_a_path() {
        assert_eq!(path_segment("a/../b?c").as_deref(), Some("a%2F..%2Fb%3Fc"));
        assert_eq!(path_segment(".."), None);
        assert_eq!(path_segment(""), None);
        assert_eq!(path_segment(&"x".repeat(201)), None);
    }
}

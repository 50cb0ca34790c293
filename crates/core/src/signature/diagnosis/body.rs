//! How a received body differs from the one that was sent: where, and whether it is still the same JSON.

use serde_json::Value;

use super::{Cause, Check};
use crate::secret::{REDACTED, Redactor};

/// Characters shown on each side of the first difference.
const AROUND: usize = 20;
/// Bytes on each side in which a secret is looked for that reaches into the excerpt.
const MARGIN: usize = 1_024;

/// Where two bodies first differ.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Bytes from the start.
    pub offset: usize,
    /// What was sent there: twenty characters before and after, secrets redacted.
    pub sent: String,
    /// What was received there, likewise.
    pub received: String,
}

/// Compares a received body with the one that was sent.
pub(super) fn compare(sent: &[u8], received: &[u8], redactor: &Redactor) -> (Check, Option<Difference>) {
    const NAME: &str = "body";
    let Some(offset) = first_difference(sent, received) else {
        return (Check::passed(NAME, "The body is, byte for byte, what Simpul sent."), None);
    };
    let difference =
        Difference { offset, sent: excerpt(sent, offset, redactor), received: excerpt(received, offset, redactor) };
    let at = format!("it first differs at byte {offset}");
    let check = match reencoding(sent, received) {
        Some(how) => Check::failed(
            NAME,
            format!(
                "The body is the same JSON as was sent, but written anew ({how}; {at}): verify the raw bytes, before anything parses and writes them again."
            ),
            Cause::ReencodedJson,
        ),
        None => Check::failed(NAME, format!("The body is not the one that Simpul sent: {at}."), Cause::AlteredBody),
    };
    (check, Some(difference))
}

fn first_difference(sent: &[u8], received: &[u8]) -> Option<usize> {
    let common = sent.iter().zip(received).take_while(|(left, right)| left == right).count();
    (common < sent.len() || common < received.len()).then_some(common)
}

/// How the same JSON was written otherwise; `None` where it is not the same.
fn reencoding(sent: &[u8], received: &[u8]) -> Option<&'static str> {
    let (left, right): (Value, Value) = (serde_json::from_slice(sent).ok()?, serde_json::from_slice(received).ok()?);
    if !is_same(&left, &right) {
        return None;
    }
    if without_space(sent) == without_space(received) {
        return Some("white space was added or removed");
    }
    // Both by the same hand, members in the order in which they came.
    let [left_anew, right_anew] = [&left, &right].map(ToString::to_string);
    if left_anew == right_anew {
        return Some("characters are escaped otherwise, such as \\/ for / or \\u00e9 for é");
    }
    if left != right {
        return Some("numbers are written otherwise");
    }
    Some("members stand in another order")
}

/// Equal as JSON: members in any order, numbers by value.
fn is_same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left == right || left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left.iter().all(|(name, value)| right.get(name).is_some_and(|other| is_same(value, other)))
        }
        (left, right) => left == right,
    }
}

/// JSON without the white space between its parts.
fn without_space(json: &[u8]) -> Vec<u8> {
    let (mut in_string, mut escaped) = (false, false);
    let mut is_part = |byte: &&u8| {
        let part = in_string || !byte.is_ascii_whitespace();
        match **byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ => {}
        }
        part
    };
    json.iter().filter(|byte| is_part(byte)).copied().collect()
}

/// The characters around an offset. An excerpt that a secret reaches into is not shown.
fn excerpt(bytes: &[u8], offset: usize, redactor: &Redactor) -> String {
    let begins = |at: &usize| bytes.get(*at).is_none_or(|byte| byte & 0xc0 != 0x80);
    let start = (0..offset).rev().filter(begins).take(AROUND).last().unwrap_or(offset);
    let end = (offset + 1..=bytes.len()).filter(begins).take(AROUND).last().unwrap_or(bytes.len());
    let text = |from: usize, to: usize| String::from_utf8_lossy(&bytes[from..to]).into_owned();
    let shown = text(start, end);
    let around = text(start.saturating_sub(MARGIN), (end + MARGIN).min(bytes.len()));
    if redactor.text(&around).contains(&shown) { shown } else { REDACTED.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SENT: &[u8] = br#"{"id":"evt_1","data":{"amount":100000.0,"name":"Caf\u00e9","url":"https://a/b"}}"#;

    fn cause(received: &str) -> (Option<Cause>, String, Option<Difference>) {
        let (check, difference) = compare(SENT, received.as_bytes(), &Redactor::default());
        (check.cause, check.message, difference)
    }

    #[test]
    fn the_same_json_in_other_bytes_says_how_it_was_written() {
        for (received, how) in [
            (r#"{ "id": "evt_1", "data": {"amount":100000.0,"name":"Caf\u00e9","url":"https://a/b"}}"#, "white space"),
            (r#"{"id":"evt_1","data":{"amount":100000.0,"name":"Caf\u00e9","url":"https:\/\/a\/b"}}"#, "escaped"),
            (r#"{"id":"evt_1","data":{"amount":100000.0,"name":"Café","url":"https://a/b"}}"#, "escaped"),
            (r#"{"id":"evt_1","data":{"amount":100000,"name":"Caf\u00e9","url":"https://a/b"}}"#, "numbers"),
            (r#"{"data":{"amount":100000.0,"name":"Caf\u00e9","url":"https://a/b"},"id":"evt_1"}"#, "order"),
        ] {
            let (cause, message, _) = cause(received);
            assert_eq!(cause, Some(Cause::ReencodedJson), "{received}");
            assert!(message.contains(how), "{received}: {message}");
        }
    }

    #[test]
    fn another_body_says_where_it_first_differs() {
        let received = String::from_utf8_lossy(SENT).replace("100000.0", "900000.0");
        let (altered, _, difference) = cause(&received);
        let difference = difference.expect("differs");
        assert_eq!((altered, difference.offset), (Some(Cause::AlteredBody), 31));
        assert_eq!(difference.sent, r#"1","data":{"amount":100000.0,"name":"Caf"#);
        assert!(difference.received.contains("900000"));
        for (received, offset) in [("", 0), ("not json", 0), (&received[..20], 20)] {
            let (altered, _, difference) = cause(received);
            assert_eq!(
                (altered, difference.map(|difference| difference.offset)),
                (Some(Cause::AlteredBody), Some(offset))
            );
        }
        assert_eq!(compare(SENT, SENT, &Redactor::default()).0.passed, Some(true));
    }

    #[test]
    fn an_excerpt_shows_no_part_of_a_secret_and_no_half_characters() {
        let secret = "a-secret-of-more-than-forty-characters-in-all-1234567890";
        let sent = format!(r#"{{"echo":"{secret}"}}"#);
        let received = sent.replace("forty", "fifty");
        let redactor = Redactor::new([secret.to_owned()]);
        let (_, difference) = compare(sent.as_bytes(), received.as_bytes(), &redactor);
        let difference = difference.expect("differs");
        assert_eq!(difference.sent, REDACTED);
        assert!(!difference.received.contains('\u{fffd}'));
        let (_, difference) = compare("ééééé".as_bytes(), "éééééé".as_bytes(), &redactor);
        assert_eq!(difference.expect("differs").received, "éééééé");
        let (_, difference) = compare("ab\u{e9}".as_bytes(), "ab\u{e8}".as_bytes(), &redactor);
        assert_eq!(difference.map(|difference| difference.offset), Some(3));
    }
}

//! What the messaging providers share, seen from outside.

use http::{HeaderMap, Method};

use super::*;

#[test]
fn a_key_of_another_kind_is_named() {
    for (key, part) in [
        ("SG.abc", "SendGrid"),
        ("Mid-server-abc", "Midtrans"),
        ("SB-Mid-server-abc", "Midtrans"),
        ("sk_live_abc", "Stripe"),
        ("xnd_development_abc", "Xendit"),
        ("Bearer abc", "alone"),
        ("a b", "space"),
        ("a\u{a0}b", "special"),
        ("••••1a2b", "mask"),
    ] {
        let problem = key_problem(key).unwrap_or_default();
        assert!(problem.contains(part), "{key}: {problem}");
        assert!(!problem.contains("abc"), "{problem}");
    }
    assert_eq!(key_problem("Ab1+@#!-cdefghijklmn"), None);
}

#[test]
fn a_moment_is_rfc_3339_or_unix_seconds() {
    let written = |value: Value| moment(Some(&value)).map(|time| time.to_string());
    assert_eq!(written(json!("2024-01-22T04:56:02.41114184Z")).as_deref(), Some("2024-01-22T04:56:02.411Z"));
    assert_eq!(written(json!("2024-01-22T04:56:02.411141849Z")).as_deref(), Some("2024-01-22T04:56:02.411Z"));
    assert_eq!(written(json!(1_705_899_362)).as_deref(), Some("2024-01-22T04:56:02.000Z"));
    assert_eq!(written(json!("1705899362")).as_deref(), Some("2024-01-22T04:56:02.000Z"));
    assert_eq!(written(json!(1_705_899_362_411_i64)).as_deref(), Some("2024-01-22T04:56:02.411Z"));
    for wrong in [json!("soon"), json!(null), json!(-1), json!(1e300), json!("NaN"), json!("inf"), json!([1])] {
        assert_eq!(written(wrong), None);
    }
}

#[test]
fn a_day_is_over_the_day_after_by_the_answers_own_date() {
    let mut headers = HeaderMap::new();
    headers.insert("date", "Sat, 21 Feb 2026 10:00:00 GMT".parse().unwrap());
    let response = HttpResponse { status: 200, headers, body: Vec::new(), truncated: false };
    let past = |text: &str| day(Some(&text.into())).map(|day| is_past(day, &response));
    assert_eq!(past("2026-02-20"), Some(true));
    assert_eq!(past("2026-02-21"), Some(false));
    assert_eq!(past("18 November 2029"), Some(false));
    assert_eq!(past("18 November 2023"), Some(true));
    assert_eq!(past("1705899362"), Some(true));
    assert_eq!(past("lifetime"), None);
}

#[test]
fn numbers_compare_by_their_digits() {
    assert_eq!(number_digits("+62 822-2709-7005"), "6282227097005");
    assert_eq!(number_digits("082227097005"), "6282227097005");
}

#[test]
fn identifiers_that_cannot_be_indexed_become_fingerprints() {
    assert_eq!(identifier("abc-1"), "abc-1");
    assert_eq!(identifier(&"x".repeat(201)).len(), 64);
    assert_eq!(identifier("a\u{0}b").len(), 64);
    assert_ne!(fingerprint(&["ab", "c"]), fingerprint(&["a", "bc"]));
}

#[test]
fn a_body_without_objects_is_refused() {
    let headers = HeaderMap::new();
    let read = |body: &[u8]| {
        json_objects(
            "Wablas",
            &Inbound {
                method: &Method::POST,
                url: "https://hub.example/in",
                headers: &headers,
                body,
                received_at: Timestamp::default(),
            },
        )
    };
    for empty in ["{}", "[]", "[{}]", "null", "5", "\"x\"", "[1]"] {
        assert!(matches!(read(empty.as_bytes()), Err(Refusal::Forged(_))), "{empty}");
    }
    let deep = "[".repeat(100_000);
    for broken in [&b""[..], b"\xff\xfe", b"{\"id\":", b"<html>", deep.as_bytes()] {
        assert!(matches!(read(broken), Err(Refusal::Malformed(_))));
    }
    let many = format!("[{}]", vec!["{\"id\":1}"; 1_001].join(","));
    assert!(matches!(read(many.as_bytes()), Err(Refusal::Malformed(_))));
    assert_eq!(read(b"[{\"id\":1},{\"id\":2}]").map(|objects| objects.len()), Ok(2));
}

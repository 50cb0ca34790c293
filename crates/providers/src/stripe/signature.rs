//! The `Stripe-Signature` header: HMAC-SHA256 over `t.body` with the whole `whsec_…` text as key.
//! Reference: <https://docs.stripe.com/webhooks#verify-manually>.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use simpul_core::time::Timestamp;

use crate::digest::hex_matches;
use crate::notification::Refusal;

/// Seconds that a signature's time may be off, on either side.
const TOLERANCE: i64 = 300;

/// Checks the header against the body as it arrived.
///
/// # Errors
/// The sentence says which check failed.
pub(super) fn verify(secret: &str, header: &str, body: &[u8], now: Timestamp) -> Result<(), Refusal> {
    let signed_at = genuine(secret, header, body).map_err(|sentence| Refusal::Forged(sentence.to_owned()))?;
    let stale = |sentence: &str| Err(Refusal::Stale(sentence.to_owned()));
    match now.seconds().checked_sub(signed_at) {
        Some(age) if age > TOLERANCE => stale("The signature is older than five minutes; check the clock of this server"),
        Some(age) if age >= -TOLERANCE => Ok(()),
        _ => stale("The signature's time lies more than five minutes ahead; check the clock of this server"),
    }
}

/// When the body was signed with this secret, in Unix seconds.
fn genuine(secret: &str, header: &str, body: &[u8]) -> Result<i64, &'static str> {
    let parts = || header.split(',').filter_map(|part| part.trim().split_once('='));
    let Some((_, time)) = parts().find(|(scheme, _)| *scheme == "t") else {
        return Err("The Stripe-Signature header has no time");
    };
    let Ok(signed_at) = time.parse::<i64>() else {
        return Err("The Stripe-Signature header's time is not a number");
    };
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return Err("The webhookSecret cannot be used as a key");
    };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    let expected = mac.finalize().into_bytes();
    // A rolled secret signs beside the new one for a day; other schemes than v1 prove nothing.
    if !parts().any(|(scheme, claimed)| scheme == "v1" && hex_matches(&expected, claimed)) {
        return Err("No signature fits: the webhookSecret belongs to another endpoint, or the body was altered on its way");
    }
    Ok(signed_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id":"evt_test_webhook","object":"event"}"#;
    const NEW: &str = "d95c6b7477fbd7e9f90b1b0ef5f9c7ac25abca5382460e0d988c2b2a5b71b990";
    const OLD: &str = "e016b64cc4263f90e0336f3975e8d4ac9cc185935edc3ebdd405db64ad0bb1c5";
    const PUBLISHED: &[u8] = br#"{"account":"acct_123","api_version":"2017-05-25","created":1533204620,"data":{"object":{"amount":1000,"currency":"usd","customer":"cus_123","date":1533204620,"description":"Test Invoice Item","discountable":false,"id":"ii_123","invoice":"in_123","livemode":false,"metadata":{},"object":"invoiceitem","period":{"end":1533204620,"start":1533204620},"proration":false,"quantity":3,"quantity_decimal":"0"}},"id":"evt_123","livemode":false,"object":"event","pending_webhooks":1,"request":{"id":"req_123","idempotency_key":"idempotency-key-123"},"type":"invoiceitem.created"}"#;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn accepts(secret: &str, header: &str, body: &[u8]) -> bool {
        verify(secret, header, body, at(1_700_000_000)).is_ok()
    }

    #[test]
    fn the_published_header_holds() {
        let header = "t=1533204620,v1=d7373bc68f4bd320b253cd7461f87af6e1cdf1b4d7db1614d8d1d746972d2d0a,v0=63f3a72374a733066c4be69ed7f8e5ac85c22c9f0a6a612ab9a025a9e4ee7eef";
        assert_eq!(verify("secret", header, PUBLISHED, at(1_533_204_620)), Ok(()));
        let late = verify("secret", header, PUBLISHED, at(1_533_205_000));
        assert!(matches!(late, Err(Refusal::Stale(_))), "{late:?}");
        assert!(verify("other", header, PUBLISHED, at(1_533_204_620)).is_err());
    }

    #[test]
    fn any_active_secret_is_enough_and_other_schemes_are_not() {
        let secret = "whsec_test_secret";
        assert!(accepts(secret, &format!("t=1700000000,v1={NEW}"), BODY));
        assert!(accepts(secret, &format!("t=1700000000,v1={},v1=bad_signature", NEW.to_uppercase()), BODY));
        let both = format!("t=1700000000,v1={OLD},v1={NEW}");
        assert!(accepts(secret, &both, BODY) && accepts("whsec_old_secret", &both, BODY));
        for header in [
            "",
            "v1,t=1",
            "t=",
            "t=1700000000",
            "t=abc,v1=00",
            &format!("v1={NEW}"),
            &format!("t=1700000000,v0={NEW}"),
            &format!("t=1700000001,v1={NEW}"),
            &format!("t=1700000000,v1={}", &NEW[..63]),
            "t=99999999999999999999,v1=00",
        ] {
            assert!(!accepts(secret, header, BODY), "{header}");
        }
        assert!(!accepts(secret, &format!("t=1700000000,v1={NEW}"), &BODY[1..]));
        assert!(!accepts("test_secret", &format!("t=1700000000,v1={NEW}"), BODY), "the prefix is part of the key");
    }

    #[test]
    fn five_minutes_either_way_are_the_limit() {
        let header = format!("t=1700000000,v1={NEW}");
        for (now, accepted) in [(300, true), (301, false), (-300, true), (-301, false)] {
            let outcome = verify("whsec_test_secret", &header, BODY, at(1_700_000_000 + now));
            assert_eq!(outcome.is_ok(), accepted, "{now}");
        }
    }

    #[test]
    fn the_raw_hmac_vectors_hold() {
        for (message, expected) in [
            ("", "f7f9bd47fb987337b5796fdc1fdb9ba221d0d5396814bfcaf9521f43fd8927fd"),
            (r#"{"obj1":"hello","obj2":"world"}"#, "bebb1a643997f419b315ddba19e6f5411e1ce7f810ba6d3617ce72823092f363"),
            ("\u{1F600}", "837da296d05c4fe31f61d5d7ead035099d9585a5bcde87de952012a78f0b0c43"),
        ] {
            let mut mac = Hmac::<Sha256>::new_from_slice(b"test_secret").expect("any key fits");
            mac.update(message.as_bytes());
            assert!(hex_matches(&mac.finalize().into_bytes(), expected), "{message}");
        }
    }
}

//! Twilio's status callbacks and inbound messages: forms, signed together with the URL they are sent to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;

use super::{Notification, Occasion, Variant};
use crate::accounts::Account;

kinds! {
    Queued = "queued", Sent = "sent", Delivered = "delivered", Read = "read", Failed = "failed",
    Undelivered = "undelivered", Inbound = "inbound",
}

/// `X-Twilio-Signature`: base64 of HMAC-SHA1 over the URL and the parameters sorted by name, name and value joined without
/// separators; values of a repeated name once each, sorted.
#[must_use]
pub fn signature(auth_token: &str, url: &str, parameters: &[(String, String)]) -> String {
    let mut sorted: Vec<&(String, String)> = parameters.iter().collect();
    sorted.sort();
    sorted.dedup();
    // HMAC takes a key of any length (RFC 2104), so the empty-key fallback is never reached.
    let mut mac =
        Hmac::<Sha1>::new_from_slice(auth_token.as_bytes()).unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

/// The callback of a kind, signed with the account's primary token for the occasion's URL.
#[must_use]
pub fn notification(account: &Account, kind: Kind, occasion: &Occasion) -> Notification {
    let parameters = parameters(account, kind, occasion);
    let token = match occasion.variant {
        Variant::Forged => "00000000000000000000000000000000",
        _ => account.field("authToken"),
    };
    // A fragment (`#rc=5`) stays at Twilio: it is neither sent nor signed.
    let url = occasion.url.split('#').next().unwrap_or("");
    let signature = signature(token, url, &parameters);
    let mut sent = parameters;
    if matches!(occasion.variant, Variant::Altered | Variant::AlteredUnsigned)
        && let Some((_, value)) = sent.iter_mut().find(|(name, _)| name == "To")
    {
        value.push('9');
    }
    Notification::new("application/x-www-form-urlencoded; charset=UTF-8", form(&sent).into_bytes())
        .with("x-twilio-signature", signature)
        .with("i-twilio-idempotency-token", occasion.uuid(&format!("twilio-{}", kind.as_str())))
        .with("user-agent", "TwilioProxy/1.1")
}

fn parameters(account: &Account, kind: Kind, occasion: &Occasion) -> Vec<(String, String)> {
    let message = format!("SM{}", occasion.hex("twilio-message", 32));
    let ours = format!("whatsapp:{}", account.field("phoneNumber"));
    let theirs = format!("whatsapp:+62812{:08}", occasion.seed % 100_000_000);
    let mut list = vec![
        ("ApiVersion", "2010-04-01".to_owned()),
        ("AccountSid", account.field("accountSid").to_owned()),
        ("MessageSid", message.clone()),
        ("SmsSid", message),
    ];
    if kind == Kind::Inbound {
        list.extend([
            ("From", theirs.clone()),
            ("To", ours),
            ("Body", "Halo, pesanan saya sudah dikirim? 🙏 & terima kasih + salam".to_owned()),
            ("NumMedia", "0".to_owned()),
            ("ProfileName", "Budi".to_owned()),
            ("WaId", theirs.trim_start_matches("whatsapp:+").to_owned()),
            ("SmsStatus", "received".to_owned()),
        ]);
    } else {
        list.extend([
            ("From", ours),
            ("To", theirs),
            ("MessageStatus", kind.as_str().to_owned()),
            ("SmsStatus", kind.as_str().to_owned()),
            ("ChannelPrefix", "whatsapp".to_owned()),
            ("ChannelInstallSid", format!("XE{}", occasion.hex("twilio-channel", 32))),
        ]);
    }
    match kind {
        Kind::Read => list.push(("EventType", "READ".to_owned())),
        Kind::Failed | Kind::Undelivered => {
            list.push(("ErrorCode", "63016".to_owned()));
            list.push((
                "ChannelStatusMessage",
                "Failed to send freeform message outside the allowed window".to_owned(),
            ));
        }
        _ => {}
    }
    list.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn form(parameters: &[(String, String)]) -> String {
    let encoded: Vec<String> =
        parameters.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect();
    encoded.join("&")
}

fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'*' => char::from(byte).to_string(),
            b' ' => "+".to_owned(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::accounts;
    use crate::exchange::form_pairs;
    use simpul_core::integration::Mode;
    use simpul_core::time::Timestamp;

    fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    const CALL: &[(&str, &str)] = &[
        ("CallSid", "CA1234567890ABCDE"),
        ("Digits", "1234"),
        ("From", "+14158675309"),
        ("To", "+18005551212"),
        ("Caller", "+14158675309"),
    ];
    const URL: &str = "https://mycompany.com/myapp.php?foo=1&bar=2";

    #[test]
    fn signs_the_published_vectors() {
        let call = owned(CALL);
        assert_eq!(signature("12345", URL, &call), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
        assert_eq!(
            signature("12345", "https://mycompany.com:443/myapp.php?foo=1&bar=2", &call),
            "kvajT1Ptam85bY51eRf/AJRuM3w="
        );
        assert_eq!(signature("12345", URL, &[]), "zYQTYrRWXE7LtzbG4PfP7/bkkGo=");
        let repeated = owned(&[
            ("Sid", "CA123"),
            ("SidAccount", "AC123"),
            ("Digits", "5678"),
            ("Digits", "1234"),
            ("Digits", "1234"),
        ]);
        assert_eq!(signature("12345", URL, &repeated), "IK+Dwps556ElfBT0I3Rgjkr1wJU=");
        let cases = owned(&[("callSid", "lowercase"), ("CallSid", "uppercase"), ("CALLSID", "allcaps")]);
        assert_eq!(signature("12345", URL, &cases), "jDK7WKT8wiNrwggd4ceTv4e1MJ4=");
        let special = owned(&[
            ("Message", "Hello & goodbye! @#$%^*()"),
            ("From", "+1 (415) 867-5309"),
            ("Special", "unicode: ñáéíóú"),
        ]);
        assert_eq!(signature("12345", URL, &special), "dCPiR4WtQ6QFN6pJh81CtlCcWLQ=");
    }

    #[test]
    fn signs_a_status_form_as_it_is_decoded() {
        let form = b"ChannelPrefix=whatsapp&ApiVersion=2010-04-01&MessageStatus=delivered&SmsSid=SM00000000000000000000000000000001&SmsStatus=delivered&ChannelInstallSid=XE00000000000000000000000000000001&To=whatsapp%3A%2B6281200000001&From=whatsapp%3A%2B14155238886&MessageSid=SM00000000000000000000000000000001&AccountSid=AC00000000000000000000000000000001";
        let url = "https://hooks.example.com/webhooks/twilio/int_01?src=wa";
        assert_eq!(signature("12345", url, &form_pairs(form)), "kCaWcwcfr3Y8Y/bg8+M6DSL6cRQ=");
        let text = b"Body=Halo+dunia+%26+%2B%3D%25+%F0%9F%91%8D&EmptyField=&From=whatsapp%3A%2B6281200000001&MessageSid=SM00000000000000000000000000000002";
        assert_eq!(signature("12345", url, &form_pairs(text)), "wmComxiGFA/Bj1tf3uKkpmngZfQ=");
    }

    #[test]
    fn what_is_sent_decodes_to_what_was_signed_unless_altered_or_forged() {
        let account = accounts::right("twilio", Mode::Sandbox).expect("an account");
        let occasion = Occasion::new(5, Timestamp::from_millis(0), "https://hub.example/api/inbound/t?a=1#rc=5&rp=all");
        for kind in Kind::ALL.iter().copied() {
            for variant in [Variant::Valid, Variant::Forged, Variant::Altered] {
                let sent = notification(account, kind, &occasion.clone().variant(variant));
                let expected = signature(
                    account.field("authToken"),
                    "https://hub.example/api/inbound/t?a=1",
                    &form_pairs(&sent.body),
                );
                let holds = sent.header("x-twilio-signature") == Some(expected.as_str());
                assert_eq!(holds, variant == Variant::Valid, "{kind:?} {variant:?}");
            }
        }
    }
}

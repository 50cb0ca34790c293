//! The `webhook-signature` header of one webhook at one time: everything that signs then, side by side.

use super::{sign, sign_ed25519};
use crate::time::Timestamp;
use crate::webhook::Webhook;

/// Signs a body for a webhook at `at`, whose whole seconds go into `webhook-timestamp`: one `v1` for each active secret and
/// one `v1a` for each active key, by the webhook's scheme, separated by spaces.
///
/// A webhook that should sign with a key and has none that can be read signs with its secrets: a delivery without any
/// signature would be taken for anybody's.
#[must_use]
pub fn signature_header(webhook: &Webhook, id: &str, at: Timestamp, body: &[u8]) -> String {
    let (scheme, seconds) = (webhook.signature_scheme, at.seconds());
    let mut signatures = Vec::new();
    if scheme.has_ed25519() {
        let keys = webhook.active_signing_keys(at);
        signatures.extend(keys.into_iter().filter_map(|key| sign_ed25519(key, id, seconds, body)));
    }
    if scheme.has_hmac() || signatures.is_empty() {
        signatures.insert(0, sign(&webhook.active_secrets(at), id, seconds, body));
    }
    signatures.join(" ")
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::signature::{public_key_of, signing_key_from, verify, verify_ed25519};
    use crate::webhook::{PreviousSecret, SignatureScheme, testing::webhook};

    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    fn rotated(scheme: SignatureScheme) -> Webhook {
        let expires_at = Timestamp::from_millis(0).plus(Duration::from_secs(100));
        let earlier = |secret: &str| PreviousSecret { secret: secret.to_owned(), expires_at };
        Webhook {
            signature_scheme: scheme,
            secret: "current-secret".to_owned(),
            signing_key: Some(signing_key_from(&[1; 32])),
            previous_secrets: vec![
                earlier("whsk_a secret of the receiver's own choice"),
                earlier(&signing_key_from(&[2; 32])),
            ],
            ..webhook()
        }
    }

    #[test]
    fn everything_active_signs_by_the_scheme_and_nothing_else() {
        for (scheme, hmac, ed25519) in
            [(SignatureScheme::Hmac, 2, 0), (SignatureScheme::Ed25519, 0, 2), (SignatureScheme::Both, 2, 2)]
        {
            let webhook = rotated(scheme);
            let count = |header: &str, prefix: &str| header.split(' ').filter(|part| part.starts_with(prefix)).count();
            let during = signature_header(&webhook, "evt_1", Timestamp::from_millis(99_900), BODY);
            assert_eq!((count(&during, "v1,"), count(&during, "v1a,")), (hmac, ed25519), "{during}");
            let after = signature_header(&webhook, "evt_1", Timestamp::from_millis(100_000), BODY);
            assert_eq!((count(&after, "v1,"), count(&after, "v1a,")), (hmac / 2, ed25519 / 2), "{after}");
            for secret in webhook.active_secrets(Timestamp::from_millis(99_900)) {
                assert_eq!(verify(secret, "evt_1", 99, BODY, &during), scheme.has_hmac());
            }
            for key in webhook.active_signing_keys(Timestamp::from_millis(99_900)) {
                let public = public_key_of(key).expect("a key");
                assert_eq!(verify_ed25519(&public, "evt_1", 99, BODY, &during), scheme.has_ed25519());
            }
        }
    }

    #[test]
    fn no_delivery_goes_unsigned() {
        let webhook = Webhook { signing_key: None, previous_secrets: Vec::new(), ..rotated(SignatureScheme::Ed25519) };
        let header = signature_header(&webhook, "evt_1", Timestamp::from_millis(1_000), BODY);
        assert!(verify("current-secret", "evt_1", 1, BODY, &header));
    }
}

//! Signing and checking deliveries exactly as in Standard Webhooks 1.0.0 (`webhook-id`, `webhook-timestamp`,
//! `webhook-signature`): HMAC-SHA256 over `id.timestamp.body`, base64, prefixed `v1,`; Ed25519 over the same bytes,
//! prefixed `v1a,`.

pub mod diagnosis;
mod ed25519;
mod header;
mod jwk;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

pub use ed25519::{
    PRIVATE_PREFIX, PUBLIC_PREFIX, is_signing_key, public_key_of, sign_ed25519, signing_key_from, verify_ed25519,
};
pub use header::signature_header;
pub use jwk::{Jwk, jwk_of};

const PREFIX: &str = "whsec_";

/// The key that a secret stands for: what `whsec_` encodes in base64, or the secret's own bytes.
#[must_use]
pub fn key_of(secret: &str) -> Vec<u8> {
    secret
        .strip_prefix(PREFIX)
        .and_then(|encoded| STANDARD.decode(encoded).ok())
        .filter(|key| !key.is_empty())
        .unwrap_or_else(|| secret.as_bytes().to_vec())
}

/// Writes 32 random bytes as a secret.
#[must_use]
pub fn secret_from(random: &[u8; 32]) -> String {
    format!("{PREFIX}{}", STANDARD.encode(random))
}

fn mac(secret: &str, id: &str, timestamp: i64, body: &[u8]) -> Hmac<Sha256> {
    // HMAC takes a key of any length (RFC 2104), so the empty-key fallback is never reached.
    let mut mac = Hmac::<Sha256>::new_from_slice(&key_of(secret)).unwrap_or_else(|_| Hmac::new(&Default::default()));
    mac.update(id.as_bytes());
    mac.update(b".");
    mac.update(timestamp.to_string().as_bytes());
    mac.update(b".");
    mac.update(body);
    mac
}

/// The `webhook-signature` header: one `v1,…` for each secret, separated by spaces. `timestamp` is in Unix seconds.
#[must_use]
pub fn sign(secrets: &[&str], id: &str, timestamp: i64, body: &[u8]) -> String {
    secrets
        .iter()
        .map(|secret| format!("v1,{}", STANDARD.encode(mac(secret, id, timestamp, body).finalize().into_bytes())))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Whether any signature in the header was made with this secret; compared in constant time.
#[must_use]
pub fn verify(secret: &str, id: &str, timestamp: i64, body: &[u8], header: &str) -> bool {
    header.split(' ').filter_map(|part| part.strip_prefix("v1,")).any(|encoded| {
        STANDARD
            .decode(encoded)
            .is_ok_and(|signature| mac(secret, id, timestamp, body).verify_slice(&signature).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"test": 2432232314}"#;

    /// The vector that the specification's own libraries publish.
    #[test]
    fn signs_the_published_vector() {
        let header =
            sign(&["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, BODY);
        assert_eq!(header, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn the_reference_library_accepts_what_we_sign() {
        let secret = secret_from(&[7; 32]);
        let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default().as_secs().cast_signed();
        let header = sign(&[&secret, "another-secret"], "evt_1", now, BODY);
        let mut headers = std::collections::HashMap::new();
        for (name, value) in
            [("webhook-id", "evt_1".to_owned()), ("webhook-timestamp", now.to_string()), ("webhook-signature", header)]
        {
            headers.insert(name, value);
        }
        let reference = standardwebhooks::Webhook::new(&secret).expect("a valid secret");
        let signature = reference.sign("evt_1", now, BODY).expect("signs");
        assert!(headers["webhook-signature"].split(' ').any(|own| own == signature));
    }

    #[test]
    fn any_active_secret_verifies_and_an_altered_body_does_not() {
        let header = sign(&["current-secret", "previous-secret"], "evt_1", 1, BODY);
        for secret in ["current-secret", "previous-secret"] {
            assert!(verify(secret, "evt_1", 1, BODY, &header));
            assert!(!verify(secret, "evt_1", 2, BODY, &header));
            assert!(!verify(secret, "evt_2", 1, BODY, &header));
            assert!(!verify(secret, "evt_1", 1, b"{}", &header));
        }
        assert!(!verify("other-secret", "evt_1", 1, BODY, &header));
        assert!(!verify("current-secret", "evt_1", 1, BODY, "v1,not-base64 v2,abc"));
    }

    #[test]
    fn a_secret_that_is_not_base64_is_its_own_key() {
        assert_eq!(key_of("plain-secret"), b"plain-secret");
        assert_eq!(key_of("whsec_!!!"), b"whsec_!!!");
        assert_eq!(key_of("whsec_AQID"), [1, 2, 3]);
    }
}

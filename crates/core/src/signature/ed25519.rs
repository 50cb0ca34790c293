//! The asymmetric half of Standard Webhooks: Ed25519 signatures (RFC 8032), private keys as `whsk_…`, public keys as `whpk_…`.

use std::cell::RefCell;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signature, Signer as _, SigningKey, VerifyingKey};

/// What a private key begins with; base64 of the 32-byte seed follows.
pub const PRIVATE_PREFIX: &str = "whsk_";
/// What a public key begins with; base64 of its 32 bytes follows.
pub const PUBLIC_PREFIX: &str = "whpk_";
/// What a signature begins with in `webhook-signature`.
pub(super) const SIGNATURE_PREFIX: &str = "v1a,";

/// Writes a seed of 32 random bytes as a private key.
#[must_use]
pub fn signing_key_from(random: &[u8; 32]) -> String {
    format!("{PRIVATE_PREFIX}{}", STANDARD.encode(random))
}

/// Whether the text is a private key that can sign. A secret that merely begins like one is not.
#[must_use]
pub fn is_signing_key(text: &str) -> bool {
    text.starts_with(PRIVATE_PREFIX) && private(text).is_some()
}

/// Reads a private key: `whsk_` and base64 of the seed, as the reference libraries write it, or of the 64 bytes of seed and
/// public key, as other libraries keep it.
fn private(text: &str) -> Option<SigningKey> {
    let bytes = STANDARD.decode(text.strip_prefix(PRIVATE_PREFIX)?).ok()?;
    match bytes.len() {
        32 => Some(expanded(&bytes.try_into().ok()?)),
        // A pair whose halves do not belong together would give its private half away when it signs.
        64 => SigningKey::from_keypair_bytes(&bytes.try_into().ok()?).ok(),
        _ => None,
    }
}

/// Keys that each thread keeps ready; the longest unused goes first.
const KEPT: usize = 64;

thread_local! {
    static READY: RefCell<Vec<SigningKey>> = const { RefCell::new(Vec::new()) };
}

/// The key of a seed. Finding its public half costs as much as a signature (17 of 38 µs were measured), so the keys that a
/// thread used last are kept; they are wiped when they go.
fn expanded(seed: &[u8; 32]) -> SigningKey {
    READY.with_borrow_mut(|ready| {
        if let Some(at) = ready.iter().position(|key| key.as_bytes() == seed) {
            ready[..=at].rotate_right(1);
        } else {
            ready.truncate(KEPT - 1);
            ready.insert(0, SigningKey::from_bytes(seed));
        }
        ready[0].clone()
    })
}

fn public(text: &str) -> Option<VerifyingKey> {
    let bytes = STANDARD.decode(text.strip_prefix(PUBLIC_PREFIX)?).ok()?;
    VerifyingKey::from_bytes(&bytes.try_into().ok()?).ok()
}

/// The 32 bytes of the public key that belongs to a private one; `None` where the text is no private key.
pub(super) fn public_bytes(private_key: &str) -> Option<[u8; 32]> {
    private(private_key).map(|key| key.verifying_key().to_bytes())
}

/// The public key as `whpk_…` that belongs to a private one; `None` where the text is no private key.
#[must_use]
pub fn public_key_of(private_key: &str) -> Option<String> {
    public_bytes(private_key).map(|bytes| format!("{PUBLIC_PREFIX}{}", STANDARD.encode(bytes)))
}

fn message(id: &str, timestamp: i64, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.to_string().as_bytes(), b".", body].concat()
}

/// One `v1a,…` of a private key; `None` where the text is no private key. `timestamp` is in Unix seconds.
#[must_use]
pub fn sign_ed25519(private_key: &str, id: &str, timestamp: i64, body: &[u8]) -> Option<String> {
    let signature = private(private_key)?.sign(&message(id, timestamp, body));
    Some(format!("{SIGNATURE_PREFIX}{}", STANDARD.encode(signature.to_bytes())))
}

/// Whether any `v1a` signature in the header was made with the private half of this public key (`whpk_…`).
#[must_use]
pub fn verify_ed25519(public_key: &str, id: &str, timestamp: i64, body: &[u8], header: &str) -> bool {
    let Some(key) = public(public_key) else { return false };
    let message = message(id, timestamp, body);
    header.split_ascii_whitespace().filter_map(|part| part.strip_prefix(SIGNATURE_PREFIX)).any(|encoded| {
        let signature = STANDARD.decode(encoded).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
        // Strict: a signature that several keys or several encodings would pass proves nothing.
        signature.is_some_and(|signature| key.verify_strict(&message, &signature).is_ok())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"test": 2432232314}"#;
    const ID: &str = "msg_p5jXN8AQM9LWM0D4loKWxJek";
    const AT: i64 = 1_614_265_330;
    /// The vector of the specification's own Go library.
    const PUBLISHED_KEY: &str = "whsk_VEVTVFNJR05JTkdLRVlET05PVFVTRVRISVNGT1JBTlk=";
    const PUBLISHED: &str =
        "v1a,tQ9V2XOqn7jL/DQenEFpqIugdBVtiMmER5mhSkXBNwM0mkATuDe6KYYUuxqtaiHeYGb7KaaBRdM5WqyeFiL8Ag==";

    #[test]
    fn signs_and_accepts_the_published_vector() {
        assert_eq!(sign_ed25519(PUBLISHED_KEY, ID, AT, BODY).as_deref(), Some(PUBLISHED));
        let public = public_key_of(PUBLISHED_KEY).expect("a key");
        assert!(public.starts_with("whpk_"));
        assert!(verify_ed25519(&public, ID, AT, BODY, PUBLISHED));
        assert!(verify_ed25519(&public, ID, AT, BODY, &format!("v1,abc v1a,bad {PUBLISHED} v2,x")));
        for (id, at, body) in [("other", AT, BODY), (ID, AT + 1, BODY), (ID, AT, br#"{"test":2432232314}"#.as_slice())]
        {
            assert!(!verify_ed25519(&public, id, at, body, PUBLISHED));
        }
        let other = public_key_of(&signing_key_from(&[7; 32])).expect("a key");
        assert!(!verify_ed25519(&other, ID, AT, BODY, PUBLISHED));
        assert!(!verify_ed25519("whpk_none", ID, AT, BODY, PUBLISHED));
    }

    #[test]
    fn keys_kept_ready_are_not_mistaken_for_each_other() {
        let key = |number: u8| signing_key_from(&[number; 32]);
        let first: Vec<_> = (0..=99).map(|number| sign_ed25519(&key(number), ID, AT, BODY)).collect();
        for number in (0..=99).rev().chain([5, 99, 5]) {
            assert_eq!(sign_ed25519(&key(number), ID, AT, BODY), first[usize::from(number)]);
        }
    }

    #[test]
    fn a_private_key_is_read_as_seed_and_as_pair() {
        let seed = signing_key_from(&[7; 32]);
        let public = public_bytes(&seed).expect("a key");
        let pair = format!("whsk_{}", STANDARD.encode([[7; 32], public].concat()));
        assert_eq!(sign_ed25519(&pair, ID, AT, BODY), sign_ed25519(&seed, ID, AT, BODY));
        let foreign = format!("whsk_{}", STANDARD.encode([[7; 32], [8; 32]].concat()));
        for text in ["whsk_plain-secret-of-ours", "whsk_AAAA", &foreign, &seed.replace("whsk_", ""), "whsec_AAAA"] {
            assert!(!is_signing_key(text), "{text}");
            assert_eq!(public_key_of(text), None);
            assert_eq!(sign_ed25519(text, ID, AT, BODY), None);
        }
        assert!(is_signing_key(&seed) && is_signing_key(&pair));
    }
}

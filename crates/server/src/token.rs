//! Random tokens: session ids, API keys and addresses that cannot be guessed. Only their SHA-256 is stored; a fast hash
//! is enough for 256 random bits.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rand::RngExt as _;
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;

use crate::config::Secret;

const KEY_START: &str = "spk_";
const PREFIX_LETTERS: &[u8; 36] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const PREFIX_LENGTH: usize = 8;
/// 32 bytes in base64url.
const SECRET_LENGTH: usize = 43;

/// What is stored of a token.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct TokenHash([u8; 32]);

impl TokenHash {
    #[must_use]
    pub fn of(token: &str) -> Self {
        Self(Sha256::digest(token.as_bytes()).into())
    }

    /// Reads a stored hash; `None` where it is not 32 bytes.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }

    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// 64 hexadecimal digits, for stores that keep text.
    #[must_use]
    pub fn to_hex(&self) -> String {
        self.0.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    /// Compared in constant time.
    #[must_use]
    pub fn matches(&self, token: &str) -> bool {
        self.0.ct_eq(&Self::of(token).0).into()
    }
}

impl fmt::Debug for TokenHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenHash(…)")
    }
}

/// 256 random bits in base64url (43 characters): session ids and unguessable addresses.
#[must_use]
pub fn generate() -> Secret {
    Secret::new(random_part())
}

fn random_part() -> String {
    URL_SAFE_NO_PAD.encode(rand::random::<[u8; 32]>())
}

/// A new API key: the key to show once, and the prefix by which people tell keys apart.
#[derive(Debug, Clone)]
pub struct NewApiKey {
    /// `spk_`, the prefix, `_`, 43 characters of base64url.
    pub key: Secret,
    /// `spk_` and the eight characters after it; safe to list.
    pub prefix: String,
}

impl NewApiKey {
    #[must_use]
    pub fn generate() -> Self {
        let mut random = rand::rng();
        let letters = (0..PREFIX_LENGTH)
            .map(|_| char::from(PREFIX_LETTERS[random.random_range(0..PREFIX_LETTERS.len())]))
            .collect::<String>();
        let prefix = format!("{KEY_START}{letters}");
        Self { key: Secret::new(format!("{prefix}_{}", random_part())), prefix }
    }
}

/// The prefix of text that has the form of an API key; anything else need not be looked up.
#[must_use]
pub fn api_key_prefix(text: &str) -> Option<&str> {
    let rest = text.strip_prefix(KEY_START)?;
    let (letters, secret) = rest.split_at_checked(PREFIX_LENGTH)?;
    let secret = secret.strip_prefix('_')?;
    let is_sound = letters.bytes().all(|byte| PREFIX_LETTERS.contains(&byte))
        && secret.len() == SECRET_LENGTH
        && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    is_sound.then(|| &text[..KEY_START.len() + PREFIX_LENGTH])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_recognised_by_its_form_and_its_hash() {
        let new = NewApiKey::generate();
        assert_eq!(api_key_prefix(new.key.expose()), Some(new.prefix.as_str()));
        let hash = TokenHash::of(new.key.expose());
        assert!(hash.matches(new.key.expose()));
        assert!(!hash.matches(NewApiKey::generate().key.expose()));
        assert_eq!(TokenHash::from_bytes(hash.as_bytes()), Some(hash));
        assert_eq!(hash.to_hex().len(), 64);
    }

    #[test]
    fn what_is_no_key_is_not_looked_up() {
        let key = NewApiKey::generate().key.expose().to_owned();
        for text in [
            "",
            "spk_",
            "spk_abcdefgh",
            "spk_abcdefg\u{e9}_x",
            "sk_live_1",
            &key[1..],
            &key[..key.len() - 1],
            &format!("{key}x"),
        ] {
            assert_eq!(api_key_prefix(text), None, "{text}");
        }
    }

    #[test]
    fn keys_and_hashes_do_not_show_in_debug() {
        let new = NewApiKey::generate();
        let seen = format!("{new:?} {:?}", TokenHash::of(new.key.expose()));
        assert!(!seen.contains(new.key.expose()) && !seen.contains(&TokenHash::of(new.key.expose()).to_hex()));
        assert_ne!(generate(), generate());
    }
}

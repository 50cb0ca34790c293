//! A public signing key as a JSON Web Key (RFC 7517) of type OKP (RFC 8037).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::ed25519::public_bytes;

/// One public key; its members in the order in which people expect them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Jwk {
    /// `OKP`.
    pub kty: &'static str,
    /// `Ed25519`.
    pub crv: &'static str,
    /// The key's 32 bytes in unpadded base64url.
    pub x: String,
    /// The key's SHA-256 thumbprint (RFC 7638): the same key has the same name everywhere.
    pub kid: String,
    /// `sig`.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// `EdDSA`.
    pub alg: &'static str,
}

/// The public half of a private key (`whsk_…`); `None` where the text is no private key.
#[must_use]
pub fn jwk_of(private_key: &str) -> Option<Jwk> {
    let x = URL_SAFE_NO_PAD.encode(public_bytes(private_key)?);
    // RFC 7638 fixes the text that is hashed: the required members alone, sorted, without white space.
    let required = format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#);
    let kid = URL_SAFE_NO_PAD.encode(Sha256::digest(required));
    Some(Jwk { kty: "OKP", crv: "Ed25519", x, kid, usage: "sig", alg: "EdDSA" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::signature::signing_key_from;

    /// RFC 8037, appendices A.1 to A.3.
    #[test]
    fn the_published_key_has_the_published_thumbprint() {
        let seed = URL_SAFE_NO_PAD.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A").expect("base64");
        let jwk = jwk_of(&signing_key_from(&seed.try_into().expect("32 bytes"))).expect("a key");
        assert_eq!(jwk.x, "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
        assert_eq!(jwk.kid, "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
        assert_eq!(jwk_of("whsk_none"), None);
    }
}

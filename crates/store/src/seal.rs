//! Secrets at rest: AES-256-GCM in two layers. Each integration has a data key of its own, wrapped by the master key; each
//! value is sealed by that data key with associated data that names integration, owner and field, so that a ciphertext
//! moved to another row does not open. Form: `v1.<base64 of nonce and ciphertext>`.

use std::collections::HashMap;
use std::sync::Mutex;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use simpul_core::id::IntegrationId;
use sqlx::QueryBuilder;
use zeroize::Zeroizing;

use crate::db::{CHUNK, Tx, read, within};
use crate::error::{Error, Result};
use crate::{Store, db::Inner};

const NONCE_BYTES: usize = 12;
/// Data keys kept opened; past it the cache starts anew.
const CACHED_KEYS: usize = 10_000;

/// The 32 bytes that everything else is sealed under.
#[derive(Clone)]
pub struct MasterKey(Zeroizing<[u8; 32]>);

/// The text is no key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("must be 32 bytes in base64 (44 characters)")]
pub struct MasterKeyError;

impl MasterKey {
    /// Reads 32 bytes of base64.
    ///
    /// # Errors
    /// It is not base64, or of another length.
    pub fn from_base64(text: &str) -> std::result::Result<Self, MasterKeyError> {
        let bytes = Zeroizing::new(STANDARD.decode(text.trim()).map_err(|_| MasterKeyError)?);
        let key: [u8; 32] = bytes.as_slice().try_into().map_err(|_| MasterKeyError)?;
        Ok(Self(Zeroizing::new(key)))
    }

    /// Makes a key from the system's randomness.
    #[must_use]
    pub fn generate() -> Self {
        Self(Zeroizing::new(rand::random()))
    }

    #[must_use]
    pub fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(self.0.as_slice()))
    }

    /// A name for the key that says nothing about it.
    pub(crate) fn id(&self) -> String {
        let digest = Sha256::new().chain_update(b"simpul master key id").chain_update(self.0.as_slice()).finalize();
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    pub(crate) fn seal(&self, plain: &[u8], context: &str) -> Option<String> {
        seal(&self.0, plain, context)
    }

    pub(crate) fn open(&self, sealed: &str, context: &str) -> Option<Zeroizing<Vec<u8>>> {
        open(&self.0, sealed, context)
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "MasterKey({})", self.id())
    }
}

/// An integration's own key.
#[derive(Clone)]
pub(crate) struct DataKey {
    integration_id: IntegrationId,
    key: Zeroizing<[u8; 32]>,
}

impl DataKey {
    /// Seals `plain` as the `field` of `owner`, a row that belongs to the integration.
    pub(crate) fn seal(&self, owner: impl std::fmt::Display, field: &str, plain: &str) -> Result<String> {
        seal(&self.key, plain.as_bytes(), &self.context(&owner, field)).ok_or_else(|| self.error(&owner))
    }

    pub(crate) fn open(&self, owner: impl std::fmt::Display, field: &str, sealed: &str) -> Result<String> {
        open(&self.key, sealed, &self.context(&owner, field))
            .and_then(|plain| String::from_utf8(plain.to_vec()).ok())
            .ok_or_else(|| self.error(&owner))
    }

    fn context(&self, owner: &impl std::fmt::Display, field: &str) -> String {
        format!("{}/{owner}/{field}/v1", self.integration_id)
    }

    fn error(&self, owner: &impl std::fmt::Display) -> Error {
        Error::Sealed { what: "secret", owner: owner.to_string() }
    }
}

/// The master key and the data keys opened with it so far.
pub(crate) struct DataKeys {
    pub(crate) master: MasterKey,
    opened: Mutex<HashMap<IntegrationId, DataKey>>,
}

impl DataKeys {
    pub(crate) fn new(master: MasterKey) -> Self {
        Self { master, opened: Mutex::new(HashMap::new()) }
    }

    fn cached(&self, id: IntegrationId) -> Option<DataKey> {
        self.opened.lock().ok()?.get(&id).cloned()
    }

    fn keep(&self, key: &DataKey) {
        if let Ok(mut opened) = self.opened.lock() {
            if opened.len() >= CACHED_KEYS {
                opened.clear();
            }
            opened.insert(key.integration_id, key.clone());
        }
    }

    fn unwrap(&self, id: IntegrationId, wrapped: &str) -> Result<DataKey> {
        let key = self
            .master
            .open(wrapped, &wrap_context(id))
            .and_then(|plain| <[u8; 32]>::try_from(plain.as_slice()).ok())
            .ok_or_else(|| Error::Sealed { what: "data key", owner: id.to_string() })?;
        let key = DataKey { integration_id: id, key: Zeroizing::new(key) };
        self.keep(&key);
        Ok(key)
    }
}

fn wrap_context(id: IntegrationId) -> String {
    format!("{id}/data key")
}

impl Store {
    /// The data key of an integration that exists.
    pub(crate) async fn data_key(&self, id: IntegrationId) -> Result<DataKey> {
        if let Some(key) = self.keys.cached(id) {
            return Ok(key);
        }
        const SQL: &str = "SELECT wrapped FROM data_keys WHERE integration_id = $1";
        let wrapped: Option<String> = read!(self, |pool| sqlx::query_scalar(SQL).bind(id).fetch_optional(pool).await?);
        let wrapped = wrapped.ok_or_else(|| Error::Sealed { what: "data key", owner: id.to_string() })?;
        self.keys.unwrap(id, &wrapped)
    }

    /// Opens the data keys of several integrations with one query.
    pub(crate) async fn data_keys(&self, ids: &[IntegrationId]) -> Result<HashMap<IntegrationId, DataKey>> {
        let mut keys = HashMap::new();
        let mut missing = Vec::new();
        for id in ids {
            match self.keys.cached(*id) {
                Some(key) => drop(keys.insert(*id, key)),
                None => missing.push(*id),
            }
        }
        for chunk in missing.chunks(CHUNK) {
            let rows: Vec<(IntegrationId, String)> = read!(self, |pool| {
                let mut query =
                    QueryBuilder::new("SELECT integration_id, wrapped FROM data_keys WHERE integration_id IN (");
                let mut list = query.separated(", ");
                for id in chunk {
                    list.push_bind(*id);
                }
                query.push(")");
                query.build_query_as().persistent(false).fetch_all(pool).await?
            });
            for (id, wrapped) in rows {
                keys.insert(id, self.keys.unwrap(id, &wrapped)?);
            }
        }
        Ok(keys)
    }
}

impl Inner {
    /// Makes and stores the data key of an integration that is being created.
    pub(crate) async fn create_data_key(&self, tx: &mut Tx, id: IntegrationId) -> Result<DataKey> {
        let key = DataKey { integration_id: id, key: Zeroizing::new(rand::random()) };
        let wrapped = self
            .keys
            .master
            .seal(key.key.as_slice(), &wrap_context(id))
            .ok_or_else(|| Error::Sealed { what: "data key", owner: id.to_string() })?;
        const SQL: &str = "INSERT INTO data_keys (integration_id, wrapped, master_key_id) VALUES ($1, $2, $3)";
        within!(tx, |connection| {
            sqlx::query(SQL).bind(id).bind(wrapped).bind(self.keys.master.id()).execute(connection).await?;
        });
        Ok(key)
    }
}

/// A key of its own for a row that belongs to no integration, wrapped by the master key.
pub(crate) struct RowKey {
    key: Zeroizing<[u8; 32]>,
    pub(crate) wrapped: String,
    pub(crate) master_key_id: String,
}

impl RowKey {
    /// Makes the key of a row that is being written.
    pub(crate) fn make(keys: &DataKeys, row: &impl std::fmt::Display) -> Result<Self> {
        let key: Zeroizing<[u8; 32]> = Zeroizing::new(rand::random());
        let wrapped = keys
            .master
            .seal(key.as_slice(), &format!("{row}/row key"))
            .ok_or_else(|| Error::Sealed { what: "row key", owner: row.to_string() })?;
        Ok(Self { key, wrapped, master_key_id: keys.master.id() })
    }

    /// Seals a column of the row.
    pub(crate) fn seal(&self, row: &impl std::fmt::Display, field: &str, plain: &str) -> Result<String> {
        seal(&self.key, plain.as_bytes(), &format!("{row}/{field}/v1"))
            .ok_or_else(|| Error::Sealed { what: "configuration", owner: row.to_string() })
    }

    /// Opens a column of a row whose key is given as it was wrapped.
    pub(crate) fn open(
        keys: &DataKeys,
        row: &impl std::fmt::Display,
        wrapped: &str,
        field: &str,
        sealed: &str,
    ) -> Result<String> {
        keys.master
            .open(wrapped, &format!("{row}/row key"))
            .and_then(|key| <[u8; 32]>::try_from(key.as_slice()).ok().map(Zeroizing::new))
            .and_then(|key| open(&key, sealed, &format!("{row}/{field}/v1")))
            .and_then(|plain| String::from_utf8(plain.to_vec()).ok())
            .ok_or_else(|| Error::Sealed { what: "configuration", owner: row.to_string() })
    }
}

fn seal(key: &[u8; 32], plain: &[u8], context: &str) -> Option<String> {
    let cipher = Aes256Gcm::new_from_slice(key).ok()?;
    let nonce: [u8; NONCE_BYTES] = rand::random();
    let sealed = cipher.encrypt(&Nonce::from(nonce), Payload { msg: plain, aad: context.as_bytes() }).ok()?;
    Some(format!("v1.{}", STANDARD.encode([nonce.as_slice(), &sealed].concat())))
}

fn open(key: &[u8; 32], sealed: &str, context: &str) -> Option<Zeroizing<Vec<u8>>> {
    let bytes = STANDARD.decode(sealed.strip_prefix("v1.")?).ok()?;
    let (nonce, sealed) = bytes.split_first_chunk::<NONCE_BYTES>()?;
    let cipher = Aes256Gcm::new_from_slice(key).ok()?;
    cipher.decrypt(&Nonce::from(*nonce), Payload { msg: sealed, aad: context.as_bytes() }).ok().map(Zeroizing::new)
}

/// The hash under which a bearer token is looked up; tokens are random, so no salt is needed.
pub(crate) fn token_hash(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_where_it_was_sealed() {
        let key = MasterKey::generate();
        let sealed = key.seal(b"SB-Mid-server-secret", "a/b").expect("seals");
        assert!(!sealed.contains("secret"));
        assert_eq!(key.open(&sealed, "a/b").expect("opens").as_slice(), b"SB-Mid-server-secret");
        assert!(key.open(&sealed, "a/c").is_none(), "another field");
        assert!(MasterKey::generate().open(&sealed, "a/b").is_none(), "another key");
        let mut altered = sealed.into_bytes();
        let last = altered.len() - 3;
        altered[last] = if altered[last] == b'A' { b'B' } else { b'A' };
        assert!(key.open(&String::from_utf8(altered).expect("text"), "a/b").is_none(), "altered");
    }

    #[test]
    fn a_key_is_32_bytes_of_base64_and_never_printed() {
        let key = MasterKey::generate();
        let text = key.to_base64();
        assert_eq!(MasterKey::from_base64(&text).expect("reads").id(), key.id());
        assert!(MasterKey::from_base64("c2hvcnQ=").is_err());
        assert!(!format!("{key:?}").contains(text.as_str()));
    }
}

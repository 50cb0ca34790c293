//! What the public addresses answer, kept for half a minute: however often a badge or a status page is asked for, it is
//! made a few times a minute, and unknown addresses are remembered as such. The memory is bounded.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use sha2::{Digest as _, Sha256};
use simpul_core::language::Language;
use simpul_core::time::{SECOND, Timestamp};
use tokio::sync::Semaphore;

use super::{ApiError, ApiResult};
use crate::token::TokenHash;

/// How long an answer is kept, milliseconds.
const KEPT: i64 = 30 * SECOND;
/// Answers kept at once.
const MOST: usize = 1_000;
/// Answers made at once; the others wait, and mostly find theirs made.
const MAKERS: usize = 2;
const PATIENCE: Duration = Duration::from_secs(5);

/// What an answer is kept under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PublicKey {
    /// `badge`, `html` or `json`.
    pub form: &'static str,
    pub token: TokenHash,
    pub language: Language,
}

/// A finished answer.
#[derive(Debug, PartialEq, Eq)]
pub struct Rendered {
    pub body: Bytes,
    /// For `ETag`, with its quotes.
    pub etag: String,
}

impl Rendered {
    #[must_use]
    pub fn new(body: impl Into<Bytes>) -> Self {
        let body = body.into();
        let digest = Sha256::digest(&body);
        let etag = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect::<String>();
        Self { body, etag: format!("\"{etag}\"") }
    }
}

type Kept = HashMap<PublicKey, (Timestamp, Option<Arc<Rendered>>)>;

/// Answers of the last half minute.
#[derive(Debug)]
pub struct PublicCache {
    kept: Mutex<Kept>,
    makers: Semaphore,
}

impl Default for PublicCache {
    fn default() -> Self {
        Self { kept: Mutex::default(), makers: Semaphore::new(MAKERS) }
    }
}

fn is_fresh(at: Timestamp, now: Timestamp) -> bool {
    (0..KEPT).contains(&now.since(at))
}

impl PublicCache {
    /// The answer under this key, made where there is none; `None` for an address that is unknown.
    ///
    /// # Errors
    /// What `make` fails with, which is not kept; 503 where too many others wait.
    pub async fn answer<F>(&self, key: PublicKey, now: Timestamp, make: F) -> ApiResult<Option<Arc<Rendered>>>
    where
        F: AsyncFnOnce() -> ApiResult<Option<Rendered>>,
    {
        if let Some(found) = self.find(key, now) {
            return Ok(found);
        }
        let permit = tokio::time::timeout(PATIENCE, self.makers.acquire()).await;
        let Ok(Ok(_permit)) = permit else { return Err(ApiError::unavailable(PATIENCE)) };
        if let Some(found) = self.find(key, now) {
            return Ok(found);
        }
        let made = make().await?.map(Arc::new);
        if let Ok(mut kept) = self.kept.lock() {
            if kept.len() >= MOST {
                kept.retain(|_, (at, _)| is_fresh(*at, now));
            }
            if kept.len() >= MOST {
                kept.clear();
            }
            kept.insert(key, (now, made.clone()));
        }
        Ok(made)
    }

    fn find(&self, key: PublicKey, now: Timestamp) -> Option<Option<Arc<Rendered>>> {
        let kept = self.kept.lock().ok()?;
        kept.get(&key).filter(|(at, _)| is_fresh(*at, now)).map(|(_, found)| found.clone())
    }

    /// Forgets everything: an address was given or taken away.
    pub fn forget(&self) {
        if let Ok(mut kept) = self.kept.lock() {
            kept.clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(token: &str) -> PublicKey {
        PublicKey { form: "badge", token: TokenHash::of(token), language: Language::English }
    }

    #[tokio::test]
    async fn an_answer_is_made_once_in_half_a_minute_unknown_or_not() {
        let cache = PublicCache::default();
        let at = |second: i64| Timestamp::from_millis(second * SECOND);
        let mut made = 0;
        for (second, total) in [(0, 1), (29, 1), (30, 2), (31, 2)] {
            let answer = cache.answer(key("a"), at(second), async || {
                made += 1;
                Ok(Some(Rendered::new("body")))
            });
            assert_eq!(answer.await.unwrap().unwrap().body, "body");
            assert_eq!(made, total, "at {second}");
        }
        for _ in 0..3 {
            let unknown = cache.answer(key("b"), at(31), async || {
                made += 1;
                Ok(None)
            });
            assert_eq!(unknown.await, Ok(None));
        }
        assert_eq!(made, 3);
        cache.forget();
        assert!(cache.find(key("a"), at(31)).is_none());
    }

    #[tokio::test]
    async fn a_failure_is_not_kept_and_the_memory_is_bounded() {
        let cache = PublicCache::default();
        let now = Timestamp::from_millis(0);
        let failed = cache.answer(key("a"), now, async || Err(ApiError::unavailable(PATIENCE)));
        assert!(failed.await.is_err());
        assert!(cache.find(key("a"), now).is_none());
        for number in 0..MOST + 5 {
            cache.answer(key(&number.to_string()), now, async || Ok(None)).await.unwrap();
        }
        assert!(cache.kept.lock().unwrap().len() <= MOST);
    }
}

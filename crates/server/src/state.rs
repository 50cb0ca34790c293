//! What every handler is given, and how the store's errors become answers.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use simpul_core::id::ApiKeyId;
use simpul_core::time::{Clock, MINUTE, Timestamp};
use simpul_engine::Engine;
use simpul_store::Store;
use tokio::sync::watch;

use crate::config::Config;
use crate::health_feed::HealthFeed;
use crate::http::ApiError;
use crate::http::public_cache::PublicCache;
use crate::login_throttle::LoginThrottle;
use crate::metrics::Metrics;
use crate::password::Passwords;

/// Everything that handlers share. Cheap to clone.
#[derive(Clone)]
pub struct AppState {
    pub store: Store,
    pub engine: Arc<Engine>,
    pub clock: Arc<dyn Clock>,
    pub config: Arc<Config>,
    pub passwords: Passwords,
    pub throttle: Arc<LoginThrottle>,
    pub key_uses: Arc<KeyUses>,
    /// Changes of health, for those who listen.
    pub health_feed: Arc<HealthFeed>,
    pub public: Arc<PublicCache>,
    pub metrics: Metrics,
    /// Turns `true` when the process is asked to stop: answers without an end must then end.
    pub stopping: watch::Receiver<bool>,
}

impl AppState {
    #[must_use]
    pub fn new(
        engine: Arc<Engine>,
        clock: Arc<dyn Clock>,
        config: Arc<Config>,
        stopping: watch::Receiver<bool>,
    ) -> Self {
        let metrics = Metrics::new(&engine, clock.now());
        Self {
            store: engine.store().clone(),
            engine,
            clock,
            config,
            passwords: Passwords::default(),
            throttle: Arc::default(),
            key_uses: Arc::default(),
            health_feed: Arc::default(),
            public: Arc::default(),
            metrics,
            stopping,
        }
    }

    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }
}

/// Keys whose use is still to be written down; more than this at once are not noted until the next flush.
const NOTED_AT_MOST: usize = 10_000;
/// How often noted uses are written.
const FLUSH_EVERY: Duration = Duration::from_secs(10);

/// When API keys were last used, gathered in memory and written in batches: at most once a minute for each key.
#[derive(Debug, Default)]
pub struct KeyUses(Mutex<HashMap<ApiKeyId, Timestamp>>);

impl KeyUses {
    /// Notes a use, unless the one on record (`last_used_at`) is less than a minute old.
    pub fn note(&self, id: ApiKeyId, last_used_at: Option<Timestamp>, now: Timestamp) {
        if last_used_at.is_some_and(|last| (0..MINUTE).contains(&now.since(last))) {
            return;
        }
        if let Ok(mut noted) = self.0.lock()
            && (noted.len() < NOTED_AT_MOST || noted.contains_key(&id))
        {
            noted.insert(id, now);
        }
    }

    /// Writes what was noted. Uses that cannot be written are lost; the next one is noted anew.
    pub async fn flush(&self, store: &Store) {
        let noted: Vec<_> = match self.0.lock() {
            Ok(mut noted) => noted.drain().collect(),
            Err(_) => return,
        };
        if noted.is_empty() {
            return;
        }
        if let Err(error) = store.touch_api_keys(&noted).await {
            tracing::warn!(error = chain(&error), "the last use of API keys could not be written");
        }
    }

    /// Flushes now and then until the process stops, and once more then.
    pub async fn keep_flushing(&self, store: &Store, mut stopping: watch::Receiver<bool>) {
        loop {
            let stop = tokio::time::timeout(FLUSH_EVERY, stopping.wait_for(|stopping| *stopping)).await.is_ok();
            self.flush(store).await;
            if stop {
                return;
            }
        }
    }
}

/// An error and its causes in one line, for the log.
#[must_use]
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

impl From<simpul_store::Error> for ApiError {
    fn from(error: simpul_store::Error) -> Self {
        match &error {
            simpul_store::Error::Conflict(what) => Self::conflict(exists(what), None),
            simpul_store::Error::LastSuperAdmin => {
                Self::conflict("This is the last super_admin: make another one first.", None)
            }
            _ if error.is_transient() => {
                tracing::warn!(error = chain(&error), "the store did not answer");
                Self::unavailable(Duration::from_secs(1))
            }
            _ => Self::internal(&chain(&error)),
        }
    }
}

/// A conflict that names the member at fault; every other error as usual.
pub fn conflict_at(field: &'static str) -> impl Fn(simpul_store::Error) -> ApiError {
    move |error| match error {
        simpul_store::Error::Conflict(what) => ApiError::conflict(exists(what), Some(field)),
        other => other.into(),
    }
}

fn exists(what: &str) -> String {
    let mut letters = what.chars();
    let first = letters.next().map(|letter| letter.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{} exists already.", letters.as_str())
}

impl From<crate::password::PasswordError> for ApiError {
    fn from(error: crate::password::PasswordError) -> Self {
        Self::internal(&error)
    }
}

impl From<crate::http::Page> for simpul_store::Page {
    fn from(page: crate::http::Page) -> Self {
        Self { offset: u32::try_from(page.offset()).unwrap_or(u32::MAX), limit: page.limit }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keys_use_is_noted_at_most_once_a_minute() {
        let uses = KeyUses::default();
        let now = Timestamp::from_millis(10 * MINUTE);
        let id = ApiKeyId::generate(now);
        uses.note(id, Some(now.minus(Duration::from_secs(59))), now);
        assert!(uses.0.lock().unwrap().is_empty());
        uses.note(id, Some(now.minus(Duration::from_secs(60))), now);
        uses.note(id, None, now);
        assert_eq!(uses.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn notes_do_not_grow_without_end() {
        let uses = KeyUses::default();
        let now = Timestamp::from_millis(1);
        (0..NOTED_AT_MOST + 5).for_each(|_| uses.note(ApiKeyId::generate(now), None, now));
        assert_eq!(uses.0.lock().unwrap().len(), NOTED_AT_MOST);
    }

    #[test]
    fn the_stores_errors_tell_the_caller_what_to_do_and_no_more() {
        let conflict = conflict_at("slug")(simpul_store::Error::Conflict("a partner with this slug"));
        assert_eq!(conflict.to_string(), "409 conflict: A partner with this slug exists already.");
        assert_eq!(ApiError::from(simpul_store::Error::Full).status().as_u16(), 503);
        let sealed = simpul_store::Error::Sealed { what: "secret", owner: "x".to_owned() };
        assert_eq!(ApiError::from(sealed).code(), "internal_error");
    }
}

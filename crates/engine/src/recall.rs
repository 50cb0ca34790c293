//! Webhooks whose deliveries are to go back from memory to the table: changed, disabled, or their circuit opened.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use simpul_core::id::WebhookId;
use tokio::sync::Notify;

/// A set that wakes the dispatcher. A webhook named twice before it looks is recalled once, so the set is no larger than
/// the number of webhooks.
#[derive(Debug, Default)]
pub(crate) struct Recalls {
    named: Mutex<HashSet<WebhookId>>,
    notify: Notify,
}

impl Recalls {
    pub(crate) fn add(&self, id: WebhookId) {
        self.named.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
        self.notify.notify_one();
    }

    /// Waits until some are named, and takes them.
    pub(crate) async fn next(&self) -> HashSet<WebhookId> {
        loop {
            let notified = self.notify.notified();
            let named = std::mem::take(&mut *self.named.lock().unwrap_or_else(PoisonError::into_inner));
            if !named.is_empty() {
                return named;
            }
            notified.await;
        }
    }
}

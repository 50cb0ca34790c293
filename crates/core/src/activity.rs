//! The activity log: one row for everything that was done with an integration.

use serde_json::Value;

use crate::error_type::ErrorType;
use crate::id::{IntegrationId, LogId, UserId};
use crate::time::Timestamp;
use crate::words::words;

words! {
    /// What was done.
    Action { Test = "test", Webhook = "webhook", Transaction = "transaction", Error = "error", ConfigChange = "config_change" }
}

words! {
    /// How it ended, so far.
    Status { Success = "success", Failed = "failed", Pending = "pending" }
}

words! {
    /// Which half of an integration's health a row speaks of; what happened during maintenance counts towards neither.
    Component { Connection = "connection", Deliveries = "deliveries", Maintenance = "maintenance" }
}

impl Action {
    /// Whether rows of this action count as requests in health figures (once they are finished).
    #[must_use]
    pub fn counts_as_request(self) -> bool {
        matches!(self, Self::Test | Self::Webhook | Self::Transaction)
    }
}

/// One row of the log, its secrets already redacted.
#[derive(Debug, Clone)]
pub struct Activity {
    pub id: LogId,
    pub integration_id: IntegrationId,
    pub action: Action,
    pub status: Status,
    pub component: Component,
    pub message: String,
    pub error_type: Option<ErrorType>,
    pub request_data: Option<Value>,
    pub response_data: Option<Value>,
    pub error_details: Option<Value>,
    /// Milliseconds.
    pub duration: Option<i64>,
    pub ip_address: Option<String>,
    pub user_agent: Option<String>,
    pub user_id: Option<UserId>,
    pub created_at: Timestamp,
}

impl Activity {
    /// A row with only what every row has; the rest is filled in by name.
    #[must_use]
    pub fn new(
        integration_id: IntegrationId,
        action: Action,
        status: Status,
        message: impl Into<String>,
        now: Timestamp,
    ) -> Self {
        Self {
            id: LogId::generate(now),
            integration_id,
            action,
            status,
            component: Component::Connection,
            message: clip(&message.into(), 1_000),
            error_type: None,
            request_data: None,
            response_data: None,
            error_details: None,
            duration: None,
            ip_address: None,
            user_agent: None,
            user_id: None,
            created_at: now,
        }
    }
}

/// At most `limit` bytes of the text, cut at a character, with an ellipsis where something is gone.
#[must_use]
pub fn clip(text: &str, limit: usize) -> String {
    if text.len() <= limit {
        return text.to_owned();
    }
    let mut end = limit.saturating_sub('…'.len_utf8());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}…", &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clipping_never_splits_a_character() {
        assert_eq!(clip("abc", 3), "abc");
        assert_eq!(clip("ééééé", 8), "éé…");
        assert!(clip(&"☕".repeat(100), 50).len() <= 50);
    }
}

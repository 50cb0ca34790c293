//! Alerts: channels, rules, what is firing, and the log of the messages. `/api/admin/alert-channels`, `/api/admin/alert-rules`,
//! `/api/admin/alerts` and `/api/admin/alert-deliveries`.
//!
//! Channels and rules belong to one partner, or to the operator. A caller who sees one partner alone sees that partner's only.

pub mod channel_input;
pub mod channels;
pub mod log;
pub mod rule_input;
pub mod rules;

use utoipa_axum::router::OpenApiRouter;

use crate::auth::Caller;
use crate::state::AppState;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().merge(channels::routes()).merge(rules::routes()).merge(log::routes())
}

/// Channels, and rules, that one hub may have.
const AT_MOST: i64 = 200;

/// Channels and rules belong to no integration, so who changed one is told by the process log.
fn note_change(caller: &Caller, what: &str, change: &str, id: impl std::fmt::Display) {
    tracing::info!(by = caller.label(), %id, "{what} {change}");
}

#[cfg(test)]
mod tests;

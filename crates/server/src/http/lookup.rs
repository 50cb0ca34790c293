//! Rows that several resources look up by id and scope, a reader of deep lists' cursors, and the log row of a change.

use std::str::FromStr;

use serde_json::json;
use simpul_core::access::Scope;
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::event::EventType;
use simpul_core::id::{IntegrationId, WebhookId};
use simpul_core::integration::Integration;
use simpul_core::time::Timestamp;
use simpul_core::webhook::Webhook;

use super::client::Client;
use super::{ApiError, ApiResult, Problems};
use crate::auth::Caller;
use crate::state::AppState;

/// Rows of a long list that are counted: the cost of a page must not grow with history.
pub(super) const COUNTED_AT_MOST: i64 = 10_000;

/// An integration within scope, or the contract's 404.
pub(super) async fn integration_in(state: &AppState, scope: Scope, id: IntegrationId) -> ApiResult<Integration> {
    state.store.find_integration(scope, id).await?.ok_or_else(|| ApiError::not_found("integration"))
}

/// A webhook within scope, or the contract's 404.
pub(super) async fn webhook_in(state: &AppState, scope: Scope, id: WebhookId) -> ApiResult<Webhook> {
    state.store.find_webhook(scope, id).await?.ok_or_else(|| ApiError::not_found("webhook"))
}

/// The client's address as it is logged; `None` where there is no connection.
pub(super) fn address_of(client: &Client) -> Option<String> {
    (!client.address.is_unspecified()).then(|| client.address.to_string())
}

/// The log row of a change to one of an integration's webhooks: the names of the members that changed, never values.
pub(super) fn webhook_change(
    state: &AppState,
    (caller, client): (&Caller, &Client),
    webhook: &Webhook,
    message: &str,
    members: &[&str],
) -> Activity {
    let mut log = Activity::new(webhook.integration_id, Action::ConfigChange, Status::Success, message, state.now());
    log.request_data = Some(json!({"webhookId": webhook.id, "changed": members, "by": caller.label()}));
    log.user_id = caller.user_id();
    log.ip_address = address_of(client);
    log.user_agent.clone_from(&client.user_agent);
    log
}

/// A query parameter in its own type; absent stays absent.
///
/// # Errors
/// 400 that names the parameter.
pub(super) fn parameter<T>(
    name: &str,
    text: Option<&str>,
    expected: &str,
    read: impl Fn(&str) -> Option<T>,
) -> ApiResult<Option<T>> {
    let Some(text) = text else { return Ok(None) };
    match read(text) {
        Some(value) => Ok(Some(value)),
        None => Err(ApiError::bad_query([(name.to_owned(), json!([expected]))].into_iter().collect())),
    }
}

/// The `eventType` or `type` parameter.
pub(super) fn event_type_parameter(name: &str, text: Option<&str>) -> ApiResult<Option<EventType>> {
    parameter(name, text, "must be the name of an event type, such as payment.success", EventType::parse)
}

/// The `cursor` parameter.
pub(super) fn cursor_parameter<T: FromStr>(text: Option<&str>) -> ApiResult<Option<T>> {
    parameter("cursor", text, "must be the nextCursor of an earlier answer", |text| text.parse().ok())
}

/// A member that is a time, or a date plus `of_day` milliseconds.
pub(super) fn time_member(field: &str, text: Option<&str>, of_day: i64, problems: &mut Problems) -> Option<Timestamp> {
    let text = text?;
    let date = Timestamp::from_date(text).map(|date| Timestamp::from_millis(date.millis() + of_day));
    match date.or_else(|_| text.parse()) {
        Ok(time) => Some(time),
        Err(error) => {
            problems.add(field, format!("{error}, or a date such as 2026-02-21"));
            None
        }
    }
}

/// Cuts a list that was read with one row too many to its page; answers whether more follows.
pub(super) fn cut<T>(rows: &mut Vec<T>, limit: u32) -> bool {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > limit;
    rows.truncate(limit);
    more
}

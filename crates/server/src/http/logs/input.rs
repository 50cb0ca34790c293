//! A transaction as the platform's programs record it, and the checks on it.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use simpul_core::activity::{Action, Activity, Status};
use simpul_core::error_type::ErrorType;
use simpul_core::integration::Integration;
use simpul_core::secret::Redactor;
use simpul_core::time::Timestamp;
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::http::extract::OneOrMany;
use crate::http::vocabulary::{ErrorTypeSchema, StatusSchema};
use crate::http::{ApiResult, Problems};
use crate::state::AppState;

/// Bytes of one data member as JSON.
const DATA_LIMIT: usize = 64 * 1024;
const MESSAGE_CHARACTERS: usize = 1_000;
const LONGEST_DURATION: i64 = 3_600_000;
/// How far ahead of ours the sender's clock may be.
const AHEAD: Duration = Duration::from_secs(5 * 60);
const OLDEST: Duration = Duration::from_secs(90 * 86_400);

/// A finished or pending transaction.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogIn {
    #[schema(value_type = StatusSchema)]
    status: String,
    #[schema(max_length = 1000)]
    message: String,
    /// Milliseconds.
    #[schema(minimum = 0, maximum = 3_600_000)]
    duration: Option<i64>,
    /// At most 64 KiB, as the next two.
    #[schema(value_type = Option<Object>)]
    request_data: Option<Value>,
    #[schema(value_type = Option<Object>)]
    response_data: Option<Value>,
    #[schema(value_type = Option<Object>)]
    error_details: Option<Value>,
    #[schema(value_type = Option<ErrorTypeSchema>)]
    error_type: Option<String>,
    /// Now, when absent; within the last 90 days.
    #[schema(value_type = Option<String>, format = "date-time")]
    occurred_at: Option<Timestamp>,
}

/// One transaction, or up to 1,000 in a list.
#[derive(Debug, ToSchema)]
#[schema(as = LogsIn)]
#[serde(untagged)]
#[expect(dead_code, reason = "only described, for the OpenAPI document; read as OneOrMany")]
pub(super) enum LogsIn {
    One(Box<LogIn>),
    Many(Vec<LogIn>),
}

/// Everything that was sent as log rows, secrets redacted; or all that is wrong, each path with its index.
pub(super) async fn checked(
    state: &AppState,
    caller: &Caller,
    integration: &Integration,
    sent: OneOrMany<LogIn>,
) -> ApiResult<Vec<Activity>> {
    let configuration = state.engine.effective_configuration(integration).await?;
    let secrets = simpul_providers::find(&integration.provider)
        .map(|provider| provider.manifest().secret_values(&configuration))
        .unwrap_or_default();
    let redactor = Redactor::new(secrets.into_iter().chain([integration.inbound_token.clone()]));
    let now = state.now();
    let mut problems = Problems::new();
    let numbered: Vec<(String, LogIn)> = match sent {
        OneOrMany::One(log) => vec![(String::new(), log)],
        OneOrMany::Many(logs) => {
            logs.into_iter().enumerate().map(|(index, log)| (format!("[{index}]."), log)).collect()
        }
    };
    let rows: Vec<Activity> = numbered
        .into_iter()
        .filter_map(|(prefix, log)| log.row(&prefix, integration, &redactor, now, &mut problems))
        .map(|row| Activity { user_id: caller.user_id(), ..row })
        .collect();
    problems.into_result()?;
    Ok(rows)
}

impl LogIn {
    fn row(
        self,
        prefix: &str,
        integration: &Integration,
        redactor: &Redactor,
        now: Timestamp,
        problems: &mut Problems,
    ) -> Option<Activity> {
        let status = Status::parse(&self.status);
        if status.is_none() {
            problems.add(format!("{prefix}status"), "must be one of success, failed, pending");
        }
        problems.length(&format!("{prefix}message"), self.message.trim(), 1, MESSAGE_CHARACTERS);
        if let Some(duration) = self.duration {
            problems.range(&format!("{prefix}duration"), duration, 0, LONGEST_DURATION);
        }
        for (name, data) in [
            ("requestData", &self.request_data),
            ("responseData", &self.response_data),
            ("errorDetails", &self.error_details),
        ] {
            if data.as_ref().is_some_and(|data| data.to_string().len() > DATA_LIMIT) {
                problems.add(format!("{prefix}{name}"), format!("must have at most {DATA_LIMIT} bytes as JSON"));
            }
        }
        let error_type = self.error_type.as_deref().map(ErrorType::parse);
        if error_type == Some(None) {
            problems.add(format!("{prefix}errorType"), "is no known error type");
        }
        let at = self.occurred_at.unwrap_or(now);
        if at > now.plus(AHEAD) || at < now.minus(OLDEST) {
            problems.add(format!("{prefix}occurredAt"), "must lie within the last 90 days");
        }
        let message = redactor.text(self.message.trim());
        let mut row = Activity::new(integration.id, Action::Transaction, status?, message, at);
        row.error_type = error_type.flatten();
        row.duration = self.duration;
        row.request_data = self.request_data.map(|data| redactor.json(data));
        row.response_data = self.response_data.map(|data| redactor.json(data));
        row.error_details = self.error_details.map(|data| redactor.json(data));
        Some(row)
    }
}

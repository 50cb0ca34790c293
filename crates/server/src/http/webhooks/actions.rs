//! What can be done with a webhook beside changing it: testing it, sending deliveries again.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use simpul_core::activity::clip;
use simpul_core::delivery::State as DeliveryState;
use simpul_core::error_type::ErrorType;
use simpul_core::event::is_filter_entry;
use simpul_core::id::{EventId, WebhookId};
use simpul_core::secret::Redactor;
use simpul_core::time::DAY;
use simpul_core::webhook::Webhook;
use simpul_engine::TestSubject;
use simpul_store::ReplayFilter;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::headers;
use crate::auth::Operator;
use crate::http::client::Client;
use crate::http::envelope::Failure;
use crate::http::extract::BODY_LIMIT;
use crate::http::lookup::{address_of, integration_in, time_member, webhook_in};
use crate::http::{ApiError, ApiResult, Data, PathId, Problems, RequestBody};
use crate::state::AppState;

/// Bytes of the receiver's answer to a test that are shown.
const BODY_SHOWN: usize = 2 * 1024;
/// Deliveries that one call sends again.
const REPLAYED_AT_MOST: i64 = 10_000;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(test_webhook)).routes(routes!(replay_webhook))
}

/// How a test of a webhook ended.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct WebhookTestOut {
    /// `success` or `failed`.
    pub status: &'static str,
    pub message: String,
    /// The `webhook-id` that was sent.
    #[schema(value_type = String, format = "uuid")]
    pub event_id: EventId,
    #[schema(value_type = Option<String>)]
    pub error_type: Option<ErrorType>,
    pub response_status: Option<u16>,
    /// The first 2 KiB of what the receiver answered.
    pub response_body: Option<String>,
    /// Milliseconds.
    pub duration: i64,
}

/// Sends a signed `webhook.test` now, whatever the webhook's events and activity. It is not tried again.
#[utoipa::path(post, path = "/api/admin/webhooks/{id}/test", tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "The test ran; `success` says whether it was delivered", body = Data<WebhookTestOut>)))]
async fn test_webhook(
    Operator(caller): Operator,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<WebhookTestOut>> {
    let webhook = webhook_in(&state, caller.scope(), id).await?;
    let integration = integration_in(&state, caller.scope(), webhook.integration_id).await?;
    let subject = TestSubject {
        user_id: caller.user_id(),
        ip_address: address_of(&client),
        user_agent: client.user_agent.clone(),
    };
    let report = state.engine.test_webhook(&integration, &webhook, &subject).await?;
    let redactor = redactor(&webhook);
    let out = WebhookTestOut {
        status: if report.success { "success" } else { "failed" },
        message: report.message,
        event_id: report.event_id,
        error_type: report.error_type,
        response_status: report.response_status,
        response_body: report.response_body.map(|body| clip(&redactor.text(&body), BODY_SHOWN)),
        duration: report.duration,
    };
    Ok(Data { success: report.success, ..Data::new(out) })
}

/// A receiver may echo what it was sent.
fn redactor(webhook: &Webhook) -> Redactor {
    Redactor::new(secrets(webhook))
}

/// Everything of a webhook that must not be shown.
pub(super) fn secrets(webhook: &Webhook) -> impl Iterator<Item = String> {
    let told = webhook.headers.iter().filter(|(name, _)| headers::hides_a_secret(name)).map(|(_, value)| value.clone());
    told.chain([webhook.secret.clone()])
        .chain(webhook.signing_key.clone())
        .chain(webhook.previous_secrets.iter().map(|previous| previous.secret.clone()))
}

/// Which finished deliveries to send again; everything may be absent, and so may the body.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(default)]
pub struct ReplayIn {
    /// `success` or `failed`; both when absent.
    pub status: Option<String>,
    /// Deliveries made from then on: RFC 3339, or a date.
    pub from: Option<String>,
    /// Deliveries made until then; a date includes its whole day (UTC).
    pub to: Option<String>,
    /// Event names and `family.*` prefixes; empty for all.
    pub events: Option<Vec<String>>,
}

/// How many deliveries are sent again.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct Replayed {
    pub replayed: u64,
}

/// Sends a webhook's finished deliveries again, the oldest first, at most 10,000 in one call. Receivers see the same
/// `webhook-id` as before.
#[utoipa::path(post, path = "/api/admin/webhooks/{id}/replay", tag = "Webhooks", request_body = Option<ReplayIn>,
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "How many are sent again", body = Data<Replayed>),
        (status = 409, description = "The webhook is not active", body = Failure)))]
async fn replay_webhook(
    Operator(caller): Operator,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<Replayed>> {
    let webhook = webhook_in(&state, caller.scope(), id).await?;
    let input: ReplayIn = body.optional_json(BODY_LIMIT).await?;
    let filter = replay_filter(input)?;
    if !webhook.is_active {
        return Err(inactive());
    }
    let replayed =
        state.store.replay_deliveries(webhook.id, &filter, REPLAYED_AT_MOST, &caller.label(), state.now()).await?;
    state.engine.wake();
    Ok(Data::new(Replayed { replayed }))
}

/// 409 for a webhook that takes no deliveries now.
pub(in crate::http) fn inactive() -> ApiError {
    ApiError::conflict("This webhook is not active: enable it first.", None).with_code("webhook_inactive")
}

fn replay_filter(input: ReplayIn) -> ApiResult<ReplayFilter> {
    let mut problems = Problems::new();
    let status = input.status.and_then(|status| match status.as_str() {
        "success" => Some(DeliveryState::Success),
        "failed" => Some(DeliveryState::Failed),
        _ => {
            problems.add("status", "must be success or failed: only what is finished can be sent again");
            None
        }
    });
    let from = time_member("from", input.from.as_deref(), 0, &mut problems);
    let to = time_member("to", input.to.as_deref(), DAY - 1, &mut problems);
    if from.zip(to).is_some_and(|(from, to)| to < from) {
        problems.add("to", "must not be before from");
    }
    let mut events = input.events.unwrap_or_default();
    if events.len() > 50 {
        problems.add("events", "must have at most 50 items");
        events.clear();
    }
    for (index, _) in events.iter().enumerate().filter(|(_, entry)| !is_filter_entry(entry)) {
        problems.add(format!("events[{index}]"), "is not a known event name or family.* prefix");
    }
    problems.into_result()?;
    Ok(ReplayFilter { status, from, to, events })
}

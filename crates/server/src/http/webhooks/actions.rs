//! What can be done with a webhook beside changing it: testing it, rotating its secret.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;
use simpul_core::id::{EventId, WebhookId};
use simpul_core::secret::Redactor;
use simpul_core::time::Timestamp;
use simpul_core::webhook::{PreviousSecret, Webhook};
use simpul_engine::TestSubject;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::output::WebhookOut;
use super::{generated_secret, headers, secret_problem};
use crate::auth::{Admin, Operator};
use crate::http::client::Client;
use crate::http::extract::BODY_LIMIT;
use crate::http::lookup::{address_of, integration_in, webhook_change, webhook_in};
use crate::http::{ApiError, ApiResult, Data, PathId, Problems, RequestBody};
use crate::state::AppState;

/// Bytes of the receiver's answer to a test that are shown.
const BODY_SHOWN: usize = 2 * 1024;
const DEFAULT_OVERLAP_HOURS: i64 = 24;
const LONGEST_OVERLAP_HOURS: i64 = 168;
/// Earlier secrets that sign beside the present one.
const PREVIOUS_AT_MOST: usize = 4;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(test_webhook)).routes(routes!(rotate_webhook_secret))
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
    let told = webhook.headers.iter().filter(|(name, _)| headers::hides_a_secret(name)).map(|(_, value)| value.clone());
    Redactor::new(
        told.chain([webhook.secret.clone()])
            .chain(webhook.signing_key.clone())
            .chain(webhook.previous_secrets.iter().map(|previous| previous.secret.clone())),
    )
}

/// How to rotate a secret; everything may be absent, and so may the body.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RotationIn {
    /// Taken as given; generated as `whsec_…` when absent.
    #[schema(min_length = 8, max_length = 512)]
    pub webhook_secret: Option<String>,
    /// Hours that the old secret signs alongside the new one; 0 ends it at once.
    #[schema(minimum = 0, maximum = 168, default = 24)]
    pub overlap_hours: Option<i64>,
}

/// The webhook with its new secret in clear, this once.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct RotatedOut {
    #[serde(flatten)]
    pub webhook: WebhookOut,
    /// Until then the old secret signs as well; `null` where it does not.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub previous_secret_expires_at: Option<Timestamp>,
}

/// Gives a webhook a new secret. The old one signs alongside for `overlapHours`, so that the receiver can be changed
/// without missing anything. Secrets of earlier rotations keep the
/// time that they were given; at most five sign at once. `overlapHours: 0` ends all of them.
#[utoipa::path(post, path = "/api/admin/webhooks/{id}/rotate-secret", tag = "Webhooks",
    request_body = Option<RotationIn>,
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "The webhook; `webhookSecret` in clear, this once", body = Data<RotatedOut>)))]
async fn rotate_webhook_secret(
    Admin(caller): Admin,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<Data<RotatedOut>> {
    let mut webhook = webhook_in(&state, caller.scope(), id).await?;
    let input: RotationIn = body.optional_json(BODY_LIMIT).await?;
    let mut problems = Problems::new();
    let hours = input.overlap_hours.unwrap_or(DEFAULT_OVERLAP_HOURS);
    problems.range("overlapHours", hours, 0, LONGEST_OVERLAP_HOURS);
    if let Some(secret) = &input.webhook_secret {
        if let Some(problem) = secret_problem(secret) {
            problems.add("webhookSecret", problem);
        } else if *secret == webhook.secret {
            problems.add("webhookSecret", "must differ from the present secret");
        }
    }
    problems.into_result()?;
    let now = state.now();
    let secret = input.webhook_secret.unwrap_or_else(generated_secret);
    let previous = std::mem::replace(&mut webhook.secret, secret);
    let overlap = Duration::from_secs(u64::try_from(hours).unwrap_or(0) * 3_600);
    let overlaps = !overlap.is_zero();
    webhook.previous_secrets.retain(|earlier| earlier.expires_at > now);
    let expires_at = overlaps.then(|| now.plus(overlap));
    if expires_at.is_none() {
        webhook.previous_secrets.clear();
    }
    if let Some(expires_at) = expires_at {
        webhook.previous_secrets.insert(0, PreviousSecret { secret: previous, expires_at });
        webhook.previous_secrets.truncate(PREVIOUS_AT_MOST);
    }
    webhook.updated_at = now;
    let log = webhook_change(&state, (&caller, &client), &webhook, "Webhook secret rotated", &["webhookSecret"]);
    state.store.update_webhook(&webhook, false, log).await?;
    state.engine.recall(webhook.id);
    Ok(Data::new(RotatedOut { webhook: WebhookOut::in_clear(webhook), previous_secret_expires_at: expires_at }))
}

/// 409 for a webhook that takes no deliveries now.
pub(in crate::http) fn inactive() -> ApiError {
    ApiError::conflict("This webhook is not active: enable it first.", None).with_code("webhook_inactive")
}

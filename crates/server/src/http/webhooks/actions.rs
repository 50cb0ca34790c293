//! What can be done with a webhook beside changing it: testing it.

use axum::extract::State;
use serde::Serialize;
use simpul_core::activity::clip;
use simpul_core::error_type::ErrorType;
use simpul_core::id::{EventId, WebhookId};
use simpul_core::secret::Redactor;
use simpul_core::webhook::Webhook;
use simpul_engine::TestSubject;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::headers;
use crate::auth::Operator;
use crate::http::client::Client;
use crate::http::lookup::{address_of, integration_in, webhook_in};
use crate::http::{ApiError, ApiResult, Data, PathId};
use crate::state::AppState;

/// Bytes of the receiver's answer to a test that are shown.
const BODY_SHOWN: usize = 2 * 1024;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(test_webhook))
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

/// 409 for a webhook that takes no deliveries now.
pub(in crate::http) fn inactive() -> ApiError {
    ApiError::conflict("This webhook is not active: enable it first.", None).with_code("webhook_inactive")
}

//! Webhooks: `/api/admin/integrations/{id}/webhooks` and `/api/admin/webhooks`.

pub mod actions;
mod expressions;
mod headers;
pub mod input;
pub mod jwks;
pub mod output;
pub mod policy;
pub mod preview;
pub mod rotation;
pub mod verify;

use axum::extract::State;
use http::StatusCode;
use simpul_core::id::{IntegrationId, WebhookId};
use simpul_core::secret::{looks_masked, mask};
use simpul_core::signature::{is_signing_key, secret_from, signing_key_from};
use simpul_store::Page as Rows;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::Client;
use super::lookup::{COUNTED_AT_MOST, integration_in, webhook_change, webhook_in};
use super::members::{Deleted, total};
use super::{ApiError, ApiQuery, ApiResult, Data, Listed, PageQuery, Pagination, PathId, RequestBody};
use crate::auth::{Admin, Viewer};
use crate::http::extract::BODY_LIMIT;
use crate::state::AppState;
pub(super) use actions::inactive;
pub(super) use input::known_types;
use input::{WebhookIn, WebhookPatch};
use output::{WebhookDetail, WebhookOut};

/// Webhooks that one integration may have.
const WEBHOOKS_AT_MOST: i64 = 50;
const SECRET_PREFIXES: &[&str] = &["whsec_"];

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list_webhooks, create_webhook))
        .routes(routes!(read_webhook, change_webhook, delete_webhook))
        .merge(actions::routes())
        .merge(preview::routes())
        .merge(rotation::routes())
        .merge(verify::routes())
        .merge(jwks::routes())
}

/// The secret as it is shown.
fn masked(secret: &str) -> String {
    mask(secret, SECRET_PREFIXES)
}

/// A new signing secret: `whsec_` and 32 random bytes in base64.
fn generated_secret() -> String {
    secret_from(&rand::random())
}

/// A new Ed25519 key: `whsk_` and 32 random bytes in base64.
fn generated_signing_key() -> String {
    signing_key_from(&rand::random())
}

/// What is wrong with a secret that a caller brings, if anything.
fn secret_problem(secret: &str) -> Option<&'static str> {
    let length = secret.chars().count();
    if is_signing_key(secret) {
        return Some(
            "is a private Ed25519 key and not a secret: for such signatures set signatureScheme, and Simpul makes the key",
        );
    }
    if looks_masked(secret) {
        return Some("is the mask of a secret and not a secret: leave it out, or send the whole secret");
    }
    if !(8..=512).contains(&length) {
        return Some("must have 8 to 512 characters");
    }
    secret.chars().any(char::is_control).then_some("must not hold control characters")
}

/// An integration's webhooks, the oldest first; their secrets masked.
#[utoipa::path(get, path = "/api/admin/integrations/{id}/webhooks", tag = "Webhooks",
    params(("id" = String, Path, description = "The integration's id", format = "uuid"), PageQuery),
    responses((status = 200, description = "One page", body = Listed<WebhookOut>)))]
async fn list_webhooks(
    Viewer(caller): Viewer,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    query: Result<ApiQuery<PageQuery>, ApiError>,
) -> ApiResult<Listed<WebhookOut>> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let page = query?.0.page()?;
    let (webhooks, count) = state.store.list_webhooks(integration.id, page.into()).await?;
    let webhooks = webhooks.into_iter().map(WebhookOut::masked).collect();
    Ok(Listed::new(webhooks, Pagination::new(total(count), page, None)))
}

/// Adds a webhook. The secret is in the answer in clear, this once; without one in the request it is generated.
#[utoipa::path(post, path = "/api/admin/integrations/{id}/webhooks", tag = "Webhooks", request_body = WebhookIn,
    params(("id" = String, Path, description = "The integration's id", format = "uuid")),
    responses((status = 201, description = "Created; `webhookSecret` in clear, this once", body = Data<WebhookOut>),
        (status = 409, description = "The integration has 50 webhooks already", body = super::envelope::Failure)))]
async fn create_webhook(
    Admin(caller): Admin,
    PathId(id): PathId<IntegrationId>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<(StatusCode, Data<WebhookOut>)> {
    let integration = integration_in(&state, caller.scope(), id).await?;
    let input: WebhookIn = body.json(BODY_LIMIT).await?;
    let problems = expressions::problems(&state, None, [Some(&input.filter), Some(&input.transformation)]).await?;
    let made = (caller.label(), state.now());
    let webhook = input.into_webhook(&integration, state.engine.egress(), (&made.0, made.1), problems)?;
    let (_, count) = state.store.list_webhooks(integration.id, Rows { offset: 0, limit: 1 }).await?;
    if count >= WEBHOOKS_AT_MOST {
        let sentence = format!("This integration has {WEBHOOKS_AT_MOST} webhooks already: delete one first.");
        return Err(ApiError::conflict(sentence, None).with_code("too_many_webhooks"));
    }
    let log = webhook_change(&state, (&caller, &client), &webhook, "Webhook created", &[]);
    state.store.insert_webhook(&webhook, log).await?;
    Ok(Data::new(WebhookOut::in_clear(webhook)).message("Webhook created successfully").created())
}

/// One webhook; its secret masked.
#[utoipa::path(get, path = "/api/admin/webhooks/{id}", tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "The webhook", body = Data<WebhookDetail>)))]
async fn read_webhook(
    Viewer(caller): Viewer,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
) -> ApiResult<Data<WebhookDetail>> {
    let webhook = webhook_in(&state, caller.scope(), id).await?;
    let parked = state.store.count_parked(webhook.id, COUNTED_AT_MOST).await?;
    Ok(Data::new(WebhookDetail { webhook: WebhookOut::masked(webhook), parked_count: parked }))
}

/// Changes a webhook; absent members stay as they are. Another `webhookSecret` replaces the present one at once: use
/// rotate-secret to let both sign for a while. `isActive: true` enables a disabled webhook again: its failure count
/// starts anew, and the deliveries that waited for it are sent at a set pace, unless `parked` says `drop`.
#[utoipa::path(put, path = "/api/admin/webhooks/{id}", tag = "Webhooks", request_body = WebhookPatch,
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "The webhook as it is now", body = Data<WebhookOut>)))]
async fn change_webhook(
    Admin(caller): Admin,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<Data<WebhookOut>> {
    let found = webhook_in(&state, caller.scope(), id).await?;
    let integration = integration_in(&state, caller.scope(), found.integration_id).await?;
    let patch: WebhookPatch = body.json(BODY_LIMIT).await?;
    let drops = patch.parked.as_deref() == Some("drop");
    let mut webhook = found.clone();
    let given = [patch.filter.as_ref(), patch.transformation.as_ref()];
    let problems = expressions::problems(&state, Some(&found), given).await?;
    let changed = patch.apply(&mut webhook, &integration, state.engine.egress(), problems)?;
    if changed.is_empty() {
        return Ok(Data::new(WebhookOut::masked(found)));
    }
    webhook.updated_at = state.now();
    let switched = webhook.is_active != found.is_active;
    if switched && drops {
        while state.store.drop_parked(webhook.id, state.now()).await? > 0 {}
    }
    let log = webhook_change(&state, (&caller, &client), &webhook, "Webhook changed", &changed);
    state.store.update_webhook(&webhook, switched, log).await?;
    state.engine.recall(webhook.id);
    Ok(Data::new(WebhookOut::masked(webhook_in(&state, caller.scope(), id).await?)))
}

/// Deletes a webhook with its deliveries that still wait; those that are finished stay readable.
#[utoipa::path(delete, path = "/api/admin/webhooks/{id}", tag = "Webhooks",
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "Deleted", body = Data<Deleted>)))]
async fn delete_webhook(
    Admin(caller): Admin,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    client: Client,
) -> ApiResult<Data<Deleted>> {
    let webhook = webhook_in(&state, caller.scope(), id).await?;
    let log = webhook_change(&state, (&caller, &client), &webhook, "Webhook deleted", &[]);
    state.store.delete_webhook(webhook.id, log).await?;
    state.engine.recall(webhook.id);
    Ok(Data::new(Deleted::new(webhook.id)))
}

#[cfg(test)]
mod tests;

//! Giving a webhook new secrets while the old ones go on signing for a while: `/api/admin/webhooks/{id}/rotate-secret`.

use std::time::Duration;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use simpul_core::id::WebhookId;
use simpul_core::signature::is_signing_key;
use simpul_core::time::Timestamp;
use simpul_core::webhook::{PreviousSecret, Webhook};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::output::WebhookOut;
use super::{generated_secret, generated_signing_key, secret_problem};
use crate::auth::Admin;
use crate::http::client::Client;
use crate::http::extract::BODY_LIMIT;
use crate::http::lookup::{webhook_change, webhook_in};
use crate::http::{ApiResult, Data, PathId, Problems, RequestBody};
use crate::state::AppState;

const DEFAULT_OVERLAP_HOURS: i64 = 24;
const LONGEST_OVERLAP_HOURS: i64 = 168;
/// Earlier secrets that sign beside the present one, and earlier keys likewise.
const PREVIOUS_AT_MOST: usize = 4;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(rotate_webhook_secret))
}

/// How to rotate a secret; everything may be absent, and so may the body.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", default)]
pub struct RotationIn {
    /// Taken as given; generated as `whsec_…` when absent. Not for a webhook that signs with Ed25519 alone.
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
    /// Until then the old secret or key signs as well; `null` where it does not.
    #[schema(value_type = Option<String>, format = "date-time")]
    pub previous_secret_expires_at: Option<Timestamp>,
}

/// Gives a webhook what its scheme signs with anew: the secret for `hmac`, the Ed25519 key for `ed25519`, both for `both`.
/// The old ones sign alongside for `overlapHours`, so that the receiver can be changed without missing anything. Those of
/// earlier rotations keep the time that they were given; at most five of each kind sign at once. `overlapHours: 0` ends all
/// of them.
#[utoipa::path(post, path = "/api/admin/webhooks/{id}/rotate-secret", tag = "Webhooks",
    request_body = Option<RotationIn>,
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "The webhook; a new `webhookSecret` in clear, this once, and the new `publicKey`", body = Data<RotatedOut>)))]
async fn rotate_webhook_secret(
    Admin(caller): Admin,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    client: Client,
    body: RequestBody,
) -> ApiResult<Data<RotatedOut>> {
    let mut webhook = webhook_in(&state, caller.scope(), id).await?;
    let input: RotationIn = body.optional_json(BODY_LIMIT).await?;
    let hours = checked(&input, &webhook)?;
    let now = state.now();
    let expires_at = (hours > 0).then(|| now.plus(Duration::from_secs(hours * 3_600)));
    let scheme = webhook.signature_scheme;
    let changed = rotate(&mut webhook, input.webhook_secret, now, expires_at);
    webhook.updated_at = now;
    let log = webhook_change(&state, (&caller, &client), &webhook, "Webhook secret rotated", &changed);
    state.store.update_webhook(&webhook, false, log).await?;
    state.engine.recall(webhook.id);
    let out = if scheme.has_hmac() { WebhookOut::in_clear(webhook) } else { WebhookOut::masked(webhook) };
    Ok(Data::new(RotatedOut { webhook: out, previous_secret_expires_at: expires_at }))
}

/// The hours of overlap.
///
/// # Errors
/// 422 that names every member which cannot be taken.
fn checked(input: &RotationIn, webhook: &Webhook) -> ApiResult<u64> {
    let mut problems = Problems::new();
    let hours = input.overlap_hours.unwrap_or(DEFAULT_OVERLAP_HOURS);
    problems.range("overlapHours", hours, 0, LONGEST_OVERLAP_HOURS);
    if let Some(secret) = &input.webhook_secret {
        if !webhook.signature_scheme.has_hmac() {
            problems.add("webhookSecret", "cannot be rotated: this webhook signs with Ed25519 alone; leave it out");
        } else if let Some(problem) = secret_problem(secret) {
            problems.add("webhookSecret", problem);
        } else if *secret == webhook.secret {
            problems.add("webhookSecret", "must differ from the present secret");
        }
    }
    problems.into_result()?;
    Ok(hours.unsigned_abs())
}

/// Replaces what the scheme signs with, keeping the old until `expires_at`. Answers the names of the members that changed.
fn rotate(
    webhook: &mut Webhook,
    secret: Option<String>,
    now: Timestamp,
    expires_at: Option<Timestamp>,
) -> Vec<&'static str> {
    let mut replaced = Vec::new();
    let mut changed = Vec::new();
    if webhook.signature_scheme.has_hmac() {
        replaced.push(std::mem::replace(&mut webhook.secret, secret.unwrap_or_else(generated_secret)));
        changed.push("webhookSecret");
    }
    if webhook.signature_scheme.has_ed25519() {
        replaced.extend(webhook.signing_key.replace(generated_signing_key()));
        changed.push("signingKey");
    }
    let mut previous = std::mem::take(&mut webhook.previous_secrets);
    previous.retain(|earlier| earlier.expires_at > now);
    match expires_at {
        Some(expires_at) => {
            previous.splice(0..0, replaced.into_iter().map(|secret| PreviousSecret { secret, expires_at }));
        }
        None => previous.retain(|earlier| match is_signing_key(&earlier.secret) {
            true => !webhook.signature_scheme.has_ed25519(),
            false => !webhook.signature_scheme.has_hmac(),
        }),
    }
    let (keys, secrets): (Vec<_>, Vec<_>) = previous.into_iter().partition(|earlier| is_signing_key(&earlier.secret));
    let newest = |earlier: Vec<PreviousSecret>| earlier.into_iter().take(PREVIOUS_AT_MOST);
    webhook.previous_secrets = newest(secrets).chain(newest(keys)).collect();
    changed
}

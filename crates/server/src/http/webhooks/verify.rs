//! Telling an operator why a receiver refuses a delivery: `/api/admin/webhooks/{id}/verify`.

use std::collections::BTreeMap;

use axum::extract::State;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use simpul_core::access::Scope;
use simpul_core::id::{EventId, WebhookId};
use simpul_core::integration::Integration;
use simpul_core::secret::Redactor;
use simpul_core::signature::diagnosis::{Cause, Diagnosis, Difference, Evidence, Sent, SignedHeaders};
use simpul_core::time::Timestamp;
use simpul_core::webhook::{PayloadStyle, Webhook};
use simpul_store::{EventRow, Page as Rows};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{WEBHOOKS_AT_MOST, actions};
use crate::auth::Operator;
use crate::http::extract::LIST_LIMIT;
use crate::http::lookup::{integration_in, webhook_in};
use crate::http::{ApiResult, Data, PathId, Problems, RequestBody};
use crate::state::AppState;

const HEADERS_AT_MOST: usize = 200;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(verify_delivery))
}

/// A delivery as a receiver got it.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct VerifyIn {
    /// By name, in any case; the other headers of the request may stand among them.
    pub headers: BTreeMap<String, OneOrSeveral>,
    /// The received text, exactly; or `bodyBase64`.
    pub body: Option<String>,
    /// The received bytes in base64; or `body`.
    pub body_base64: Option<String>,
    /// When it was received (RFC 3339), for judging its timestamp; now when absent.
    #[schema(format = "date-time")]
    pub received_at: Option<String>,
}

/// One value of a header, or all of them.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(untagged)]
pub enum OneOrSeveral {
    One(String),
    Several(Vec<String>),
}

/// Whether a receiver should accept the delivery, and if not, why.
#[derive(Debug, Serialize, ToSchema)]
pub struct VerifyOut {
    pub valid: bool,
    /// In the order in which a receiver makes them: headers, timestamp, signature, body.
    pub checks: Vec<CheckOut>,
    /// Everything that failed, in sentences; `null` where nothing did.
    pub reason: Option<String>,
    /// The first failed check's cause.
    #[schema(value_type = Option<CauseSchema>)]
    pub cause: Option<Cause>,
    /// Where the body first differs from the one that was sent, as far as that is known.
    pub difference: Option<DifferenceOut>,
}

/// One check.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckOut {
    /// `headers`, `timestamp`, `signature` or `body`.
    pub check: &'static str,
    /// `null` where it cannot be judged.
    pub passed: Option<bool>,
    pub message: String,
    #[schema(value_type = Option<CauseSchema>)]
    pub cause: Option<Cause>,
}

/// Where two bodies first differ, with twenty characters on each side; secrets redacted.
#[derive(Debug, Serialize, ToSchema)]
pub struct DifferenceOut {
    /// Bytes from the start.
    pub offset: usize,
    pub sent: String,
    pub received: String,
}

/// The schema of [`Cause`].
#[derive(Debug, Clone, Copy, ToSchema)]
#[schema(as = VerificationCause, rename_all = "snake_case")]
pub enum CauseSchema {
    MissingHeader,
    MalformedHeader,
    TimestampTooOld,
    TimestampInFuture,
    WrongSecret,
    AlteredBody,
    ReencodedJson,
    OtherWebhook,
}

impl From<Diagnosis> for VerifyOut {
    fn from(diagnosis: Diagnosis) -> Self {
        let (valid, reason, cause) = (diagnosis.is_valid(), diagnosis.reason(), diagnosis.cause());
        let checks = diagnosis.checks.into_iter().map(|check| CheckOut {
            check: check.name,
            passed: check.passed,
            message: check.message,
            cause: check.cause,
        });
        let difference =
            diagnosis.difference.map(|Difference { offset, sent, received }| DifferenceOut { offset, sent, received });
        Self { valid, checks: checks.collect(), reason, cause, difference }
    }
}

/// Checks a delivery as a receiver would, and says which check fails and why: the secret, the timestamp, an altered body, or
/// JSON that was parsed and written again before it was verified. Nothing is stored.
#[utoipa::path(post, path = "/api/admin/webhooks/{id}/verify", tag = "Webhooks", request_body = VerifyIn,
    params(("id" = String, Path, description = "The webhook's id", format = "uuid")),
    responses((status = 200, description = "The judgement", body = Data<VerifyOut>)))]
async fn verify_delivery(
    Operator(caller): Operator,
    PathId(id): PathId<WebhookId>,
    State(state): State<AppState>,
    body: RequestBody,
) -> ApiResult<Data<VerifyOut>> {
    let webhook = webhook_in(&state, caller.scope(), id).await?;
    let integration = integration_in(&state, caller.scope(), webhook.integration_id).await?;
    let input: VerifyIn = body.json(LIST_LIMIT).await?;
    let received = checked(input, state.now())?;
    let headers = match SignedHeaders::read(&received.headers) {
        Ok(headers) => headers,
        Err(problem) => return Ok(Data::new(Diagnosis::of_headers(&problem).into())),
    };
    let diagnosis = diagnose(&state, &integration, &webhook, &headers, &received).await?;
    Ok(Data::new(diagnosis.into()))
}

struct Received {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    at: Timestamp,
}

fn checked(input: VerifyIn, now: Timestamp) -> ApiResult<Received> {
    let mut problems = Problems::new();
    if input.headers.len() > HEADERS_AT_MOST {
        problems.add("headers", format!("must have at most {HEADERS_AT_MOST} members"));
    }
    let body = match (input.body, input.body_base64) {
        (Some(text), None) => text.into_bytes(),
        (None, Some(encoded)) => STANDARD.decode(encoded.trim()).unwrap_or_else(|_| {
            problems.add("bodyBase64", "must be base64");
            Vec::new()
        }),
        _ => {
            problems.add("body", "is required, or bodyBase64 in its place");
            Vec::new()
        }
    };
    let at = input.received_at.map_or(Ok(now), |text| text.parse());
    let at = at.unwrap_or_else(|error: simpul_core::time::InvalidTimestamp| {
        problems.add("receivedAt", error.to_string());
        now
    });
    problems.into_result()?;
    let headers = input.headers.into_iter().flat_map(|(name, values)| {
        let values = match values {
            OneOrSeveral::One(value) => vec![value],
            OneOrSeveral::Several(values) => values,
        };
        values.into_iter().map(move |value| (name.clone(), value))
    });
    Ok(Received { headers: headers.collect(), body, at })
}

async fn diagnose(
    state: &AppState,
    integration: &Integration,
    webhook: &Webhook,
    headers: &SignedHeaders,
    received: &Received,
) -> ApiResult<Diagnosis> {
    let event = match headers.id.parse::<EventId>() {
        Ok(id) => state.store.find_event(Scope::All, id).await?,
        Err(_) => None,
    };
    let event = event.filter(|event| event.integration_id == integration.id);
    let sent_signatures = match &event {
        Some(event) => sent_signatures(state, event, webhook).await?,
        None => Vec::new(),
    };
    let rows = Rows { offset: 0, limit: u32::try_from(WEBHOOKS_AT_MOST).unwrap_or(u32::MAX) };
    let (mut others, _) = state.store.list_webhooks(integration.id, rows).await?;
    others.retain(|other| other.id != webhook.id);
    let is_shaped = webhook.transformation.is_some() || webhook.payload_style != PayloadStyle::Full;
    let sent = match &event {
        None => Sent::Unknown,
        Some(_) if is_shaped => Sent::Shaped,
        Some(event) => Sent::Payload(&event.payload),
    };
    let evidence = Evidence {
        webhook,
        others: &others,
        sent,
        sent_signatures: &sent_signatures,
        at: received.at,
        redactor: &redactor(state, integration, webhook).await?,
    };
    Ok(Diagnosis::of(headers, &received.body, &evidence))
}

/// The `webhook-signature` headers with which the event went to this webhook.
async fn sent_signatures(state: &AppState, event: &EventRow, webhook: &Webhook) -> ApiResult<Vec<String>> {
    let deliveries = state.store.deliveries_of_event(event.id).await?;
    let Some(delivery) = deliveries.into_iter().find(|delivery| delivery.webhook_id == webhook.id) else {
        return Ok(Vec::new());
    };
    let attempts = state.store.attempts_of(delivery.id).await?;
    let signatures = attempts.iter().filter_map(|attempt| {
        let headers: Value = serde_json::from_str(&attempt.request_headers).ok()?;
        headers.get("webhook-signature")?.as_str().map(str::to_owned)
    });
    Ok(signatures.collect())
}

/// Everything of the webhook and of its integration that no excerpt may show.
async fn redactor(state: &AppState, integration: &Integration, webhook: &Webhook) -> ApiResult<Redactor> {
    let configuration = state.engine.effective_configuration(integration).await?;
    let provider = simpul_providers::find(&integration.provider);
    let secrets = provider.map(|provider| provider.manifest().secret_values(&configuration)).unwrap_or_default();
    Ok(Redactor::new(secrets.into_iter().chain(actions::secrets(webhook)).chain([integration.inbound_token.clone()])))
}

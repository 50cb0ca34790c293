//! Where providers send their notifications: `/api/inbound/{token}`. Whoever asks is proven by the provider's own
//! signature, over the raw bytes.

use std::time::Duration;

use axum::extract::{RawPathParams, State};
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Method, StatusCode, Uri};
use simpul_engine::{InboundAnswer, InboundRequest};
use simpul_providers::Acknowledgement;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::Client;
use super::envelope::Failure;
use super::lookup::address_of;
use super::{ApiError, ApiResult, RequestBody};
use crate::http::extract::BODY_LIMIT;
use crate::state::AppState;

const TOKEN_CHARACTERS: usize = 100;
/// When a provider is asked to send again what could not be taken.
pub(super) const LATER: Duration = Duration::from_secs(30);

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(receive_notification))
}

/// Takes a provider's notification in the provider's own form. The answer of success is the one that the provider
/// expects, and is given only when everything is stored.
#[utoipa::path(post, path = "/api/inbound/{token}", tag = "Inbound", security(()),
    params(("token" = String, Path, description = "The last part of the integration's inboundUrl")),
    request_body(content = String, content_type = "*/*", description = "As the provider sends it, at most 1 MiB"),
    responses((status = 200, description = "Stored; the body is what the provider expects"),
        (status = 401, description = "The signature does not fit", body = Failure),
        (status = 404, description = "No integration has this address", body = Failure),
        (status = 503, description = "Not stored: send it again", body = Failure)))]
async fn receive_notification(
    State(state): State<AppState>,
    path: RawPathParams,
    method: Method,
    uri: Uri,
    client: Client,
    body: RequestBody,
) -> ApiResult<Response> {
    let unknown = || ApiError::not_found("address");
    let token = path.iter().next().map(|(_, token)| token.to_owned()).filter(|token| is_token(token));
    let token = token.ok_or_else(unknown)?;
    let headers = body.headers().clone();
    let body = body.bytes(BODY_LIMIT).await?;
    let request = InboundRequest {
        token: &token,
        method: &method,
        query: &uri.query().map(|query| format!("?{query}")).unwrap_or_default(),
        headers: &headers,
        body: &body,
        remote_address: address_of(&client),
    };
    match state.engine.receive(&request).await? {
        InboundAnswer::Accepted(acknowledgement) => Ok(acknowledged(acknowledgement)),
        InboundAnswer::Unknown => Err(unknown()),
        InboundAnswer::Refused(401, _) => Err(ApiError::bad_signature(
            "The notification is not genuine: its signature does not fit this integration's credentials.",
        )),
        InboundAnswer::Refused(status, _) => Ok(refused(status)),
        InboundAnswer::Later(_) => Err(ApiError::unavailable(LATER)),
    }
}

/// Unpadded base64url, which needs no decoding in a path.
fn is_token(text: &str) -> bool {
    (1..=TOKEN_CHARACTERS).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn acknowledged(answer: Acknowledgement) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    let mut response = (status, answer.body).into_response();
    response.headers_mut().remove(CONTENT_TYPE);
    if let Some(content_type) = answer.content_type {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    }
    response
}

/// A refusal under the status by which the provider understands whether to send again.
fn refused(status: u16) -> Response {
    let sentence = "The notification cannot be read; the integration's log has the reason.";
    let mut response = ApiError::bad_request(sentence).with_code("notification_refused").into_response();
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_REQUEST);
    response
}

#[cfg(test)]
mod tests;

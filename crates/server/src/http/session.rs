//! Signing in and out: `/api/auth`.

use axum::extract::State;
use axum::response::{AppendHeaders, IntoResponse as _, Response};
use http::header::{ORIGIN, SET_COOKIE};
use http::{HeaderMap, Method};
use serde::{Deserialize, Serialize};
use simpul_core::access::Role;
use simpul_core::id::{PartnerId, SessionId};
use simpul_store::{Session, User};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::client::Client;
use super::members::RoleSchema;
use super::{ApiError, ApiResult, Data, RequestBody};
use crate::auth::{Caller, CallerKind, Viewer, cookie};
use crate::config::Secret;
use crate::http::extract::BODY_LIMIT;
use crate::http::layers::require_same_site;
use crate::http::openapi::SESSION_COOKIE;
use crate::state::AppState;
use crate::token;

pub(super) fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(sign_in)).routes(routes!(sign_out)).routes(routes!(read_caller))
}

/// An e-mail address and a password.
#[derive(Deserialize, ToSchema)]
pub struct LoginIn {
    /// In any case.
    #[schema(example = "admin@simpul.local")]
    pub email: String,
    #[schema(format = "password", write_only)]
    pub password: String,
}

/// Who sends the request.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct CallerOut {
    /// `user` for a person, `api_key` for a program.
    pub kind: &'static str,
    /// The user's or key's id.
    #[schema(format = "uuid")]
    pub id: String,
    /// Of a person; a key has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub email: Option<String>,
    pub name: String,
    #[schema(value_type = RoleSchema)]
    pub role: Role,
    /// The one partner that the caller sees; `null` for all.
    #[schema(value_type = Option<String>, format = "uuid", required = true)]
    pub partner_id: Option<PartnerId>,
}

impl From<Caller> for CallerOut {
    fn from(caller: Caller) -> Self {
        let id = caller.label();
        let (kind, email, name) = match caller.kind {
            CallerKind::User { email, name, .. } => ("user", Some(email), name),
            CallerKind::ApiKey { name, .. } => ("api_key", None, name),
        };
        Self { kind, id, email, name, role: caller.role, partner_id: caller.partner_id }
    }
}

/// Signs a person in: the answer sets the session cookie.
#[utoipa::path(post, path = "/api/auth/login", tag = "Signing in", security(()), request_body = LoginIn,
    responses((status = 200, description = "Signed in", body = Data<CallerOut>),
        (status = 401, description = "The e-mail address or the password is wrong", body = super::envelope::Failure),
        (status = 403, description = "Sent from another site's page", body = super::envelope::Failure)))]
async fn sign_in(client: Client, State(state): State<AppState>, body: RequestBody) -> ApiResult<Response> {
    refuse_other_sites(body.headers(), &state)?;
    let replaced = cookie(body.headers(), SESSION_COOKIE).map(str::to_owned);
    let input: LoginIn = body.json(BODY_LIMIT).await?;
    let email = input.email.trim().to_lowercase();
    state.throttle.attempt(&email, client.address).map_err(ApiError::too_many_requests)?;
    // What is no e-mail address is not looked up, and takes as long all the same.
    let user = if super::is_email(&email) { state.store.find_user_by_email(&email).await? } else { None };
    let stored = user.as_ref().map(|user| user.password_hash.clone());
    let is_right = state.passwords.verify(Secret::new(input.password), stored).await?;
    let Some(user) = user.filter(|_| is_right) else {
        tracing::info!(address = %client.address, "a sign-in was refused");
        return Err(ApiError::wrong_credentials());
    };
    state.throttle.succeeded(&email);
    if let Some(token) = replaced {
        end_session(&state, &token).await?;
    }
    start_session(&state, user).await
}

/// A page of another site could otherwise sign its visitor in as somebody else. Programs send neither header.
fn refuse_other_sites(headers: &HeaderMap, state: &AppState) -> ApiResult<()> {
    if headers.contains_key(ORIGIN) || headers.contains_key("sec-fetch-site") {
        return require_same_site(&Method::POST, headers, &state.config.public_url);
    }
    Ok(())
}

/// A session that the same browser held before ends with the new sign-in.
async fn end_session(state: &AppState, token: &str) -> ApiResult<()> {
    if let Some((id, _)) = state.store.find_session_user(token, state.now()).await? {
        state.store.delete_session(id).await?;
    }
    Ok(())
}

async fn start_session(state: &AppState, user: User) -> ApiResult<Response> {
    let now = state.now();
    let length = state.config.session_length();
    let session =
        Session { id: SessionId::generate(now), user_id: user.id, created_at: now, expires_at: now.plus(length) };
    let token = token::generate();
    state.store.insert_session(&session, token.expose()).await?;
    let kind = CallerKind::User { id: user.id, session_id: session.id, email: user.email, name: user.name };
    let caller = Caller { kind, role: user.role, partner_id: user.partner_id };
    let set = session_cookie(state, token.expose(), length.as_secs());
    Ok((AppendHeaders([(SET_COOKIE, set)]), Data::new(CallerOut::from(caller))).into_response())
}

fn session_cookie(state: &AppState, token: &str, seconds: u64) -> String {
    let secure = if state.config.public_url.is_https() { "; Secure" } else { "" };
    format!("{SESSION_COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// Ends the session and takes the cookie back. A key has no session: nothing happens.
#[utoipa::path(post, path = "/api/auth/logout", tag = "Signing in",
    responses((status = 200, description = "Signed out", body = Data<CallerOut>)))]
async fn sign_out(Viewer(caller): Viewer, State(state): State<AppState>) -> ApiResult<Response> {
    if let CallerKind::User { session_id, .. } = &caller.kind {
        state.store.delete_session(*session_id).await?;
    }
    let cleared = session_cookie(&state, "", 0);
    let answer = Data::new(CallerOut::from(caller)).message("Signed out");
    Ok((AppendHeaders([(SET_COOKIE, cleared)]), answer).into_response())
}

/// Who sends this request.
#[utoipa::path(get, path = "/api/auth/me", tag = "Signing in",
    responses((status = 200, description = "The person or program", body = Data<CallerOut>)))]
async fn read_caller(Viewer(caller): Viewer) -> Data<CallerOut> {
    Data::new(caller.into())
}

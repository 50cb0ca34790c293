//! Who sends a request, and the extractors that are permissions: a handler names the least role it asks for.

use std::time::Duration;

use axum::extract::FromRequestParts;
use http::header::{AUTHORIZATION, COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use simpul_core::access::{Role, Scope};
use simpul_core::id::{ApiKeyId, PartnerId, SessionId, UserId};

use crate::http::layers::require_same_site;
use crate::http::openapi::SESSION_COOKIE;
use crate::http::{ApiError, ApiResult};
use crate::state::AppState;
use crate::token;

/// How long a caller waits to be known.
const PATIENCE: Duration = Duration::from_secs(6);
const RETRY_AFTER: Duration = Duration::from_secs(5);

/// A person or a program that proved who it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    pub kind: CallerKind,
    pub role: Role,
    /// The one partner that it sees, if it is confined to one.
    pub partner_id: Option<PartnerId>,
}

/// How it proved it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallerKind {
    User { id: UserId, session_id: SessionId, email: String, name: String },
    ApiKey { id: ApiKeyId, name: String },
}

impl Caller {
    /// Whose data it may touch.
    #[must_use]
    pub fn scope(&self) -> Scope {
        Scope::of(self.partner_id)
    }

    /// The user's or key's id, for `createdBy` and `updatedBy`.
    #[must_use]
    pub fn label(&self) -> String {
        match &self.kind {
            CallerKind::User { id, .. } => id.to_string(),
            CallerKind::ApiKey { id, .. } => id.to_string(),
        }
    }

    #[must_use]
    pub fn user_id(&self) -> Option<UserId> {
        match &self.kind {
            CallerKind::User { id, .. } => Some(*id),
            CallerKind::ApiKey { .. } => None,
        }
    }

    /// Whether it may create, change and delete partners themselves.
    #[must_use]
    pub fn manages_partners(&self) -> bool {
        self.role >= Role::Admin && self.partner_id.is_none()
    }

    fn require(self, least: Role) -> ApiResult<Self> {
        if self.role >= least {
            return Ok(self);
        }
        let sentence = format!("This takes the role {} or higher; yours is {}.", least.as_str(), self.role.as_str());
        Err(ApiError::forbidden(sentence))
    }
}

macro_rules! permission {
    ($($(#[$doc:meta])* $name:ident, $least:expr;)+) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $name(pub Caller);

        impl FromRequestParts<AppState> for $name {
            type Rejection = ApiError;

            async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
                identify(parts, state).await?.require($least).map(Self)
            }
        }
    )+};
}

permission! {
    /// May read.
    Viewer, Role::Viewer;
    /// May also test, send events and logs, and replay.
    Operator, Role::Operator;
    /// May also create, change, delete and reveal within its scope.
    Admin, Role::Admin;
    /// May also manage users and keys.
    SuperAdmin, Role::SuperAdmin;
}

/// May create, change and delete partners: a super_admin, or an admin who is not confined to one partner.
#[derive(Debug, Clone)]
pub struct PartnerManager(pub Caller);

impl FromRequestParts<AppState> for PartnerManager {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> ApiResult<Self> {
        let caller = identify(parts, state).await?.require(Role::Admin)?;
        if caller.manages_partners() {
            return Ok(Self(caller));
        }
        Err(ApiError::forbidden("You see one partner alone and cannot manage partners."))
    }
}

/// Finds out who sends the request. A bearer key stands above a cookie; a cookie that asks for a change must come from
/// Simpul's own pages.
async fn identify(parts: &Parts, state: &AppState) -> ApiResult<Caller> {
    if let Some(key) = bearer(&parts.headers) {
        return by_key(key, state).await;
    }
    let token = cookie(&parts.headers, SESSION_COOKIE).ok_or_else(ApiError::unauthorized)?;
    let found = patiently(state.store.find_session_user(token, state.now())).await?;
    let (session_id, user) = found.ok_or_else(ApiError::unauthorized)?;
    require_same_site(&parts.method, &parts.headers, &state.config.public_url)?;
    let kind = CallerKind::User { id: user.id, session_id, email: user.email, name: user.name };
    Ok(Caller { kind, role: user.role, partner_id: user.partner_id })
}

/// Waits for the database, but not for one that stands still.
async fn patiently<T>(asked: impl Future<Output = simpul_store::Result<T>>) -> ApiResult<T> {
    match tokio::time::timeout(PATIENCE, asked).await {
        Ok(answered) => Ok(answered?),
        Err(_) => Err(ApiError::unavailable(RETRY_AFTER)),
    }
}

async fn by_key(key: &str, state: &AppState) -> ApiResult<Caller> {
    token::api_key_prefix(key).ok_or_else(ApiError::unauthorized)?;
    let now = state.now();
    let looked_up = patiently(state.store.recall_api_key(key, now)).await?;
    let found = looked_up.ok_or_else(ApiError::unauthorized)?;
    state.key_uses.note(found.id, found.last_used_at, now);
    let kind = CallerKind::ApiKey { id: found.id, name: found.name };
    Ok(Caller { kind, role: found.role, partner_id: found.partner_id })
}

/// The token of `Authorization: Bearer …`. Another scheme, as a proxy may use for itself, is not ours to judge.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let text = text_of(headers, &AUTHORIZATION)?;
    let (scheme, token) = text.split_once(' ').unwrap_or((text, ""));
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A cookie's value; the first of that name counts.
#[must_use]
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|header| header.to_str().ok())
        .flat_map(|header| header.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name && !value.is_empty()).then_some(value))
}

fn text_of<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let mut headers = HeaderMap::new();
        headers.append(COOKIE, HeaderValue::from_static("theme=dark; xsimpul_session=no"));
        headers.append(COOKIE, HeaderValue::from_static("a=b; simpul_session=abc ; simpul_session=later"));
        assert_eq!(cookie(&headers, SESSION_COOKIE), Some("abc"));
        assert_eq!(cookie(&HeaderMap::new(), SESSION_COOKIE), None);
    }

    #[test]
    fn only_the_bearer_scheme_carries_a_key() {
        let of = |text: &'static str| {
            let headers = HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_static(text))]);
            bearer(&headers).map(str::to_owned)
        };
        assert_eq!(of("Bearer spk_x").as_deref(), Some("spk_x"));
        assert_eq!(of("bearer  spk_x ").as_deref(), Some("spk_x"));
        assert_eq!(of("Bearer").as_deref(), Some(""));
        assert_eq!(of("Basic spk_x"), None);
    }
}

//! Ids in paths: text that is no id names nothing, so it is a 404 and not a 400.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;

use crate::http::ApiError;

/// The id in the path: the segment named `id`, or else the first. Text that cannot be an id is a 404.
#[derive(Debug, Clone, Copy)]
pub struct PathId<T>(pub T);

impl<S: Send + Sync, T: FromStr> FromRequestParts<S> for PathId<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let nothing = || ApiError::not_found("id");
        let segments = RawPathParams::from_request_parts(parts, state).await.map_err(|_| nothing())?;
        let named = segments.iter().find(|(name, _)| *name == "id").or_else(|| segments.iter().next());
        named.and_then(|(_, text)| text.parse().ok()).map(Self).ok_or_else(nothing)
    }
}

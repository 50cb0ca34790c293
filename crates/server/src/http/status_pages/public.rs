//! The public address of a status page, as HTML and as JSON.

use axum::extract::{RawPathParams, State};
use axum::response::Response;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderMap, HeaderValue};
use simpul_core::language::Language;

use super::html;
use super::view::{StatusView, view_of};
use crate::http::envelope::Failure;
use crate::http::public_answer::{answer, is_token, segment};
use crate::http::public_cache::{PublicKey, Rendered};
use crate::http::{ApiError, ApiResult, Data, Lang, LangQuery};
use crate::state::AppState;
use crate::token::TokenHash;

/// A partner's status page, for people; with `.json` at the end of the token, the same as data. Kept for half a minute; it
/// takes `If-None-Match`.
#[utoipa::path(get, path = "/status/{token}", tag = "Public pages", security(()),
    params(("token" = String, Path, description = "The page's token; followed by `.json` for data"), LangQuery),
    responses((status = 200, description = "The page", content(
            (String = "text/html"), (Data<StatusView> = "application/json"))),
        (status = 304, description = "The caller has it already"),
        (status = 404, description = "No page has this address", body = Failure)))]
pub(super) async fn show_status(
    State(state): State<AppState>,
    path: RawPathParams,
    language: Result<Lang, ApiError>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let unknown = || ApiError::not_found("address");
    let segment = segment(&path);
    let (token, form) = match segment.strip_suffix(".json") {
        Some(token) => (token, "json"),
        None => (segment, "html"),
    };
    let token = Some(token).filter(|token| is_token(token)).ok_or_else(unknown)?;
    let Lang(language) = language?;
    let key = PublicKey { form, token: TokenHash::of(token), language };
    let made = state.public.answer(key, state.now(), async || render(&state, token, form, language).await).await?;
    let made = made.ok_or_else(unknown)?;
    if form == "json" {
        return Ok(answer(&made, "application/json", &headers));
    }
    let mut response = answer(&made, "text/html; charset=utf-8", &headers);
    let policy = HeaderValue::from_str(&html::POLICY).map_err(|error| ApiError::internal(&error))?;
    response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    Ok(response)
}

async fn render(state: &AppState, token: &str, form: &str, language: Language) -> ApiResult<Option<Rendered>> {
    let Some(page) = state.store.find_status_page_by_token(token).await? else { return Ok(None) };
    let view = view_of(state, &page, language).await?;
    let body = if form == "json" {
        serde_json::to_string(&Data::new(view)).map_err(|error| ApiError::internal(&error))?
    } else {
        html::page(&view, language)
    };
    Ok(Some(Rendered::new(body)))
}

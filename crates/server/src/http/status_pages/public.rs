//! The public address of a status page, as HTML and as JSON.

use axum::extract::{RawPathParams, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, StatusCode};
use simpul_core::language::Language;

use super::html;
use super::view::{StatusView, view_of};
use crate::http::envelope::Failure;
use crate::http::public_answer::{answer, is_token, segment};
use crate::http::public_cache::{PublicKey, Rendered};
use crate::http::{ApiError, ApiResult, Data, Lang, LangQuery};
use crate::state::AppState;
use crate::token::TokenHash;

const HTML: &str = "text/html; charset=utf-8";

/// A partner's status page, for people; with `.json` at the end of the token, the same as data. Kept for half a minute; it
/// takes `If-None-Match`.
#[utoipa::path(get, path = "/status/{token}", tag = "Public pages", security(()),
    params(("token" = String, Path, description = "The page's token; followed by `.json` for data"), LangQuery),
    responses((status = 200, description = "The page", content(
            (String = "text/html"), (Data<StatusView> = "application/json"))),
        (status = 304, description = "The caller has it already"),
        (status = 404, description = "No page has this address; said as a page, or as data where data was asked for", content(
            (String = "text/html"), (Failure = "application/json")))))]
pub(super) async fn show_status(
    State(state): State<AppState>,
    path: RawPathParams,
    language: Result<Lang, ApiError>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let segment = segment(&path);
    let (token, form) = match segment.strip_suffix(".json") {
        Some(token) => (token, "json"),
        None => (segment, "html"),
    };
    let Lang(language) = language?;
    let made = match is_token(token) {
        true => {
            let key = PublicKey { form, token: TokenHash::of(token), language };
            state.public.answer(key, state.now(), async || render(&state, token, form, language).await).await?
        }
        false => None,
    };
    match (made, form) {
        (Some(made), "json") => Ok(answer(&made, "application/json", &headers)),
        (None, "json") => Err(ApiError::not_found("address")),
        (Some(made), _) => for_people(answer(&made, HTML, &headers)),
        (None, _) => {
            let absent = (StatusCode::NOT_FOUND, [(CONTENT_TYPE, HTML)], html::absent(language));
            for_people(absent.into_response())
        }
    }
}

/// With the policy that forbids everything but the style sheet.
fn for_people(mut response: Response) -> ApiResult<Response> {
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

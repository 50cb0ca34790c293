//! The language that the answer's sentences are written in: `?lang=` where it is given, or else what the browser wants most.

use axum::extract::FromRequestParts;
use http::header::ACCEPT_LANGUAGE;
use http::request::Parts;
use serde_json::json;
use simpul_core::language::Language;
use utoipa::IntoParams;

use crate::http::ApiError;
use crate::http::error::Fields;

/// The parameter's name, which [`super::ApiQuery`] leaves alone once this extractor has read it.
pub(super) const PARAMETER: &str = "lang";

/// The language asked for: `?lang=` wins over `Accept-Language`; English where neither names one of ours. A `?lang=` that is
/// none of ours is a 400, which a handler with an id defers as `Result<Lang, ApiError>`. It stands before `ApiQuery` in a
/// handler's arguments, so that the parameter is known there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lang(pub Language);

/// Says that `?lang=` was read, and is no unknown parameter.
#[derive(Debug, Clone, Copy)]
pub(super) struct LanguageRead;

/// The parameter as the OpenAPI document names it, for a path's `params`.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "it is only described; the extractor reads the parameter itself")]
pub struct LangQuery {
    /// The language of the sentences, `en` or `id`; in its absence `Accept-Language` decides.
    #[param(required = false, pattern = "^(en|id)$")]
    lang: Option<String>,
}

impl<S: Send + Sync> FromRequestParts<S> for Lang {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        parts.extensions.insert(LanguageRead);
        let query = parts.uri.query().unwrap_or_default();
        let mut asked = url::form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == PARAMETER);
        let problem = |text: &str| ApiError::bad_query(Fields::from_iter([(PARAMETER.to_owned(), json!([text]))]));
        match (asked.next(), asked.next()) {
            (Some(_), Some(_)) => Err(problem("is given more than once")),
            (Some((_, text)), None) => Language::parse(&text).map(Self).ok_or_else(|| problem("must be en or id")),
            (None, _) => {
                let headers = parts.headers.get_all(ACCEPT_LANGUAGE).iter().filter_map(|header| header.to_str().ok());
                Ok(Self(Language::accepted(&headers.collect::<Vec<_>>().join(","))))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use http::Request;

    use super::*;
    use crate::http::ApiQuery;
    use crate::http::PageQuery;

    async fn language(uri: &str, accepted: &[&str]) -> Result<Language, ApiError> {
        let mut request = Request::get(uri);
        for header in accepted {
            request = request.header(ACCEPT_LANGUAGE, *header);
        }
        let (mut parts, ()) = request.body(()).unwrap().into_parts();
        let found = Lang::from_request_parts(&mut parts, &()).await;
        ApiQuery::<PageQuery>::from_request_parts(&mut parts, &()).await.expect("lang is known now");
        found.map(|Lang(language)| language)
    }

    #[tokio::test]
    async fn the_parameter_wins_over_the_header() {
        assert_eq!(language("/x", &[]).await, Ok(Language::English));
        assert_eq!(language("/x", &["fr", "id-ID, en;q=0.5"]).await, Ok(Language::Indonesian));
        assert_eq!(language("/x?page=2&lang=en", &["id"]).await, Ok(Language::English));
        assert_eq!(language("/x?lang=id", &["en"]).await, Ok(Language::Indonesian));
    }

    #[tokio::test]
    async fn a_language_that_simpul_does_not_speak_is_refused_by_name() {
        for uri in ["/x?lang=fr", "/x?lang=", "/x?lang=en&lang=id"] {
            let refused = language(uri, &[]).await.unwrap_err();
            assert_eq!(refused.status().as_u16(), 400, "{uri}");
            assert!(refused.details().unwrap()["fields"]["lang"].is_array(), "{uri}");
        }
    }

    #[tokio::test]
    async fn where_no_language_is_read_the_parameter_is_unknown() {
        let (mut parts, ()) = Request::get("/x?lang=id").body(()).unwrap().into_parts();
        let refused = ApiQuery::<PageQuery>::from_request_parts(&mut parts, &()).await.unwrap_err();
        assert!(refused.details().unwrap()["fields"]["lang"].is_array());
    }
}

//! The OpenAPI document: what handlers describe, completed with everything that holds for all of them alike.
//!
//! A handler documents its own success and its own refusals. The pass here adds the security schemes, the servers, and
//! the standard failures by rule, so that no handler repeats them: a body brings 400, 413, 415 and 422; a query 400; a
//! path parameter 404; authentication 401 and 403; anything may be answered 429, 500 or 503. An operation without
//! authentication says so with `security(())`.

use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse as _;
use axum::routing::get;
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use utoipa::openapi::path::{Operation, ParameterIn, PathItem};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, Content, HeaderBuilder, InfoBuilder, ObjectBuilder, OpenApi, Ref, RefOr, Response, ResponseBuilder,
    SecurityRequirement, ServerBuilder, Type,
};
use utoipa::{PartialSchema as _, ToSchema as _};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::envelope::Failure;

/// The name of the session cookie.
pub const SESSION_COOKIE: &str = "simpul_session";
const KEY_SCHEME: &str = "apiKey";
const COOKIE_SCHEME: &str = "session";

/// Splits a documented router into its routes, with `/api/openapi.json` and `/api/docs` added, and the completed
/// document.
///
/// # Errors
/// The document cannot be written as JSON.
pub fn documented<S: Clone + Send + Sync + 'static>(
    router: OpenApiRouter<S>,
) -> Result<(Router<S>, OpenApi), serde_json::Error> {
    let (router, mut document) = router.split_for_parts();
    complete(&mut document);
    let text = Bytes::from(document.to_json()?);
    let text = Arc::new(text);
    let serve = move || {
        let text = Bytes::clone(&text);
        async move { ([(CONTENT_TYPE, "application/json")], text).into_response() }
    };
    let pages = SwaggerUi::new("/api/docs").config(Config::from("/api/openapi.json"));
    Ok((router.route("/api/openapi.json", get(serve)).merge(Router::from(pages)), document))
}

/// Adds everything that holds for all operations alike. What a handler has documented itself stays.
pub fn complete(document: &mut OpenApi) {
    document.info = InfoBuilder::new()
        .title("Simpul")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("Integration hub for payment, WhatsApp and e-mail providers."))
        .build();
    document.servers = Some(vec![ServerBuilder::new().url("/").description(Some("This server")).build()]);
    let components = document.components.get_or_insert_default();
    add_security_schemes(components);
    components.schemas.insert(Failure::name().into_owned(), Failure::schema());
    for failure in STANDARD {
        components.responses.insert(failure.name.to_owned(), RefOr::T(failure.response()));
    }
    document.security = Some(security());
    for item in document.paths.paths.values_mut() {
        let shared_path_parameter =
            item.parameters.iter().flatten().any(|parameter| is_in(parameter, &ParameterIn::Path));
        for operation in operations(item) {
            add_failures(operation, shared_path_parameter);
        }
    }
}

fn security() -> Vec<SecurityRequirement> {
    [KEY_SCHEME, COOKIE_SCHEME].map(|scheme| SecurityRequirement::new(scheme, Vec::<String>::new())).into()
}

fn add_security_schemes(components: &mut Components) {
    let key = HttpBuilder::new()
        .scheme(HttpAuthScheme::Bearer)
        .bearer_format("spk_…")
        .description(Some("An API key, made under /api/admin/api-keys."))
        .build();
    let cookie = ApiKeyValue::with_description(
        SESSION_COOKIE,
        "Set by /api/auth/login. Changes also need a same-origin Origin or Sec-Fetch-Site.",
    );
    components.security_schemes.insert(KEY_SCHEME.to_owned(), SecurityScheme::Http(key).into());
    components.security_schemes.insert(COOKIE_SCHEME.to_owned(), SecurityScheme::ApiKey(ApiKey::Cookie(cookie)).into());
}

fn operations(item: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch].into_iter().flatten()
}

fn add_failures(operation: &mut Operation, shared_path_parameter: bool) {
    let parameters = operation.parameters.as_deref().unwrap_or_default();
    let facts = Facts {
        body: operation.request_body.is_some(),
        path: shared_path_parameter || parameters.iter().any(|parameter| is_in(parameter, &ParameterIn::Path)),
        query: parameters.iter().any(|parameter| is_in(parameter, &ParameterIn::Query)),
        secured: operation
            .security
            .as_ref()
            .is_none_or(|needs| !needs.contains(&SecurityRequirement::default()) && !needs.is_empty()),
    };
    for failure in STANDARD.iter().filter(|failure| (failure.applies)(&facts)) {
        let reference = || RefOr::Ref(Ref::new(format!("#/components/responses/{}", failure.name)));
        operation.responses.responses.entry(failure.status.to_owned()).or_insert_with(reference);
    }
}

fn is_in(parameter: &RefOr<utoipa::openapi::path::Parameter>, place: &ParameterIn) -> bool {
    matches!(parameter, RefOr::T(parameter) if parameter.parameter_in == *place)
}

/// What decides which failures an operation may answer.
struct Facts {
    body: bool,
    path: bool,
    query: bool,
    secured: bool,
}

struct Standard {
    status: &'static str,
    name: &'static str,
    description: &'static str,
    retry_after: bool,
    applies: fn(&Facts) -> bool,
}

impl Standard {
    fn response(&self) -> Response {
        let schema = RefOr::Ref(Ref::from_schema_name(Failure::name()));
        let mut builder = ResponseBuilder::new()
            .description(self.description)
            .content("application/json", Content::new(Some(schema)));
        if self.retry_after {
            let seconds = ObjectBuilder::new().schema_type(Type::Integer).build();
            let header = HeaderBuilder::from(utoipa::openapi::Header::new(seconds));
            builder = builder.header("Retry-After", header.description(Some("Seconds to wait.")).build());
        }
        builder.build()
    }
}

const fn standard(
    status: &'static str,
    name: &'static str,
    description: &'static str,
    retry_after: bool,
    applies: fn(&Facts) -> bool,
) -> Standard {
    Standard { status, name, description, retry_after, applies }
}

#[rustfmt::skip]
static STANDARD: &[Standard] = &[
    standard("400", "BadRequest", "Malformed JSON or query", false, |facts| facts.body || facts.query),
    standard("401", "Unauthorized", "No session or key, or one that does not count any more", false, |facts| facts.secured),
    standard("403", "Forbidden", "The role is too low, or a cookie request came from another site", false, |facts| facts.secured),
    standard("404", "NotFound", "Unknown id, or another partner's", false, |facts| facts.path),
    standard("413", "PayloadTooLarge", "The body is larger than is taken here", false, |facts| facts.body),
    standard("415", "UnsupportedMediaType", "The body is not JSON by its content-type", false, |facts| facts.body),
    standard("422", "ValidationFailed", "Members are missing, unknown or wrong; details.fields names each", false, |facts| facts.body),
    standard("429", "TooManyRequests", "Too many attempts", true, |_| true),
    standard("500", "InternalError", "Something went wrong inside; the log has the cause", false, |_| true),
    standard("503", "Unavailable", "The store cannot be reached or the queue is full", true, |_| true),
];

#[cfg(test)]
mod tests {
    use axum::body::Body;
    use serde_json::Value;
    use tower::ServiceExt as _;
    use utoipa_axum::routes;

    use super::*;
    use crate::http::{Data, PageQuery};

    #[utoipa::path(put, path = "/api/things/{id}", params(("id" = String, Path)), request_body = String,
        responses((status = 200, body = inline(Data<String>)), (status = 404, description = "No such thing")))]
    async fn change_thing() -> &'static str {
        "changed"
    }

    #[utoipa::path(get, path = "/api/things", params(PageQuery), responses((status = 200)))]
    async fn list_things() -> &'static str {
        "listed"
    }

    #[utoipa::path(get, path = "/healthz", security(()), responses((status = 200)))]
    async fn show_health() -> &'static str {
        "up"
    }

    fn served() -> (Router, Value) {
        let router = OpenApiRouter::new()
            .routes(routes!(change_thing))
            .routes(routes!(list_things))
            .routes(routes!(show_health));
        let (router, document) = documented(router).unwrap();
        (router, serde_json::to_value(document).unwrap())
    }

    async fn fetch(path: &str) -> (u16, String) {
        let request = http::Request::builder().uri(path).body(Body::empty()).unwrap();
        let response = served().0.oneshot(request).await.unwrap();
        let status = response.status().as_u16();
        let bytes = axum::body::to_bytes(response.into_body(), 10_000_000).await.unwrap();
        (status, String::from_utf8_lossy(&bytes).into_owned())
    }

    fn statuses(document: &Value, path: &str, method: &str) -> Vec<String> {
        document["paths"][path][method]["responses"].as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn failures_follow_from_what_an_operation_takes() {
        let (_, document) = served();
        assert_eq!(
            statuses(&document, "/api/things/{id}", "put"),
            ["200", "400", "401", "403", "404", "413", "415", "422", "429", "500", "503"]
        );
        assert_eq!(statuses(&document, "/api/things", "get"), ["200", "400", "401", "403", "429", "500", "503"]);
        assert_eq!(statuses(&document, "/healthz", "get"), ["200", "429", "500", "503"]);
        let own = &document["paths"]["/api/things/{id}"]["put"]["responses"]["404"]["description"];
        assert_eq!(own, "No such thing");
    }

    #[test]
    fn the_document_is_openapi_3_1_with_both_ways_to_sign_in() {
        let (_, document) = served();
        assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
        assert_eq!(document["components"]["securitySchemes"]["apiKey"]["scheme"], "bearer");
        assert_eq!(document["components"]["securitySchemes"]["session"]["in"], "cookie");
        assert_eq!(
            document["components"]["schemas"]["Failure"]["required"],
            serde_json::json!(["success", "error", "code"])
        );
        assert_eq!(
            document["components"]["responses"]["TooManyRequests"]["headers"]["Retry-After"]["schema"]["type"],
            "integer"
        );
    }

    #[tokio::test]
    async fn the_document_and_its_pages_are_served_without_the_network() {
        let (status, document) = fetch("/api/openapi.json").await;
        assert_eq!(status, 200);
        assert!(serde_json::from_str::<Value>(&document).is_ok());
        let (status, page) = fetch("/api/docs/").await;
        assert_eq!(status, 200);
        assert!(!page.contains("src=\"http") && !page.contains("href=\"http"), "{page}");
        assert!(fetch("/api/docs/swagger-initializer.js").await.1.contains("/api/openapi.json"));
        assert_eq!(fetch("/api/docs/swagger-ui-bundle.js").await.0, 200);
    }
}

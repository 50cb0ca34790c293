//! What a browser gets, what a program gets, and what neither may be given.

use http::header::{
    ACCEPT_ENCODING, ALLOW, CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE,
    ETAG, IF_NONE_MATCH, LOCATION, VARY,
};
use http::{HeaderName, HeaderValue};

use super::*;

const BROWSER: &str = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8";

fn site() -> Site {
    let files: &[(&str, &[u8])] = &[
        ("index.html", b"<!doctype html>"),
        ("index.html.br", b"page-br"),
        ("index.html.gz", b"page-gz"),
        ("assets/index-Dm1oA.js", b"script"),
        ("assets/index-Dm1oA.js.br", b"js-br"),
        ("favicon.svg", b"<svg/>"),
    ];
    Site::new(files.iter().enumerate().map(|(at, (path, content))| {
        let hash = [u8::try_from(at).unwrap(); 32];
        ((*path).to_owned(), (*content).into(), hash)
    }))
}

fn asked(method: Method, path: &str, pairs: &[(HeaderName, &str)]) -> Response {
    let headers = pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_str(value).unwrap())).collect();
    respond(&site(), &method, path, &headers)
}

fn text(response: &Response, name: HeaderName) -> &str {
    response.headers().get(name).map_or("", |value| value.to_str().unwrap())
}

async fn body(response: Response) -> String {
    let bytes = axum::body::to_bytes(response.into_body(), 10_000).await.unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[tokio::test]
async fn the_page_shows_every_address_that_a_browser_opens() {
    for path in ["/", "/index.html", "/partners", "/integrations/0190/edit", "/apiary", "/assetsnot"] {
        let response = asked(Method::GET, path, &[(ACCEPT, BROWSER)]);
        assert_eq!(response.status(), 200, "{path}");
        assert_eq!(text(&response, CONTENT_TYPE), "text/html; charset=utf-8");
        assert_eq!(text(&response, CACHE_CONTROL), "no-cache");
        assert_eq!(body(response).await, "<!doctype html>");
    }
}

#[tokio::test]
async fn the_api_keeps_its_404_and_so_does_a_program() {
    let cases = [
        ("/api/unknown", BROWSER),
        ("/api", BROWSER),
        ("/partners", "application/json"),
        ("/partners", "*/*"),
        ("/assets/index-old.js", BROWSER),
        ("/assets/../index.html", "*/*"),
        ("/favicon.svg.br", "*/*"),
        ("//etc/passwd", "*/*"),
    ];
    for (path, accept) in cases {
        let response = asked(Method::GET, path, &[(ACCEPT, accept)]);
        assert_eq!(response.status(), 404, "{path}");
        assert_eq!(text(&response, CONTENT_TYPE), "application/json");
        assert!(body(response).await.contains("not_found"));
    }
}

#[test]
fn hashed_files_are_kept_for_ever_and_others_asked_for_again() {
    let script = asked(Method::GET, "/assets/index-Dm1oA.js", &[]);
    assert_eq!(text(&script, CACHE_CONTROL), "public, max-age=31536000, immutable");
    assert_eq!(text(&script, CONTENT_TYPE), "text/javascript; charset=utf-8");
    let icon = asked(Method::GET, "/favicon.svg", &[]);
    assert_eq!((text(&icon, CACHE_CONTROL), text(&icon, CONTENT_TYPE)), ("no-cache", "image/svg+xml"));
}

#[tokio::test]
async fn the_smallest_form_is_sent_and_caches_are_told_so() {
    for (accepted, encoding, content) in
        [("br, gzip", "br", "page-br"), ("gzip", "gzip", "page-gz"), ("", "", "<!doctype html>")]
    {
        let response = asked(Method::GET, "/", &[(ACCEPT_ENCODING, accepted)]);
        assert_eq!((text(&response, CONTENT_ENCODING), text(&response, VARY)), (encoding, "accept-encoding"));
        assert_eq!(text(&response, CONTENT_LENGTH), content.len().to_string());
        assert_eq!(body(response).await, content);
    }
    // The build compresses nothing that gains nothing.
    let icon = asked(Method::GET, "/favicon.svg", &[(ACCEPT_ENCODING, "br, gzip")]);
    assert_eq!(text(&icon, CONTENT_ENCODING), "");
}

#[tokio::test]
async fn what_the_browser_has_is_not_sent_again() {
    let first = asked(Method::GET, "/", &[(ACCEPT_ENCODING, "br")]);
    let tag = text(&first, ETAG).to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}"), "*".to_owned()] {
        let again =
            asked(Method::GET, "/partners", &[(ACCEPT, BROWSER), (ACCEPT_ENCODING, "br"), (IF_NONE_MATCH, &known)]);
        assert_eq!(again.status(), 304, "{known}");
        assert_eq!((text(&again, ETAG), text(&again, CACHE_CONTROL)), (tag.as_str(), "no-cache"));
        assert_eq!(body(again).await, "");
    }
    // Another form of it is another content.
    assert_eq!(asked(Method::GET, "/", &[(ACCEPT_ENCODING, "gzip"), (IF_NONE_MATCH, &tag)]).status(), 200);
    assert_eq!(asked(Method::GET, "/", &[(IF_NONE_MATCH, "\"other\"")]).status(), 200);
}

#[test]
fn no_script_but_the_dashboards_own_runs_on_the_page() {
    let page = asked(Method::GET, "/", &[]);
    let policy = text(&page, CONTENT_SECURITY_POLICY);
    let scripts = policy.split(';').find(|part| part.trim().starts_with("script-src")).unwrap();
    assert_eq!(scripts.trim(), "script-src 'self'");
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{policy}");
    assert!(policy.contains("base-uri 'none'") && policy.contains("connect-src 'self'"), "{policy}");
}

#[tokio::test]
async fn head_answers_as_get_without_the_body_and_nothing_else_is_taken() {
    let head = asked(Method::HEAD, "/", &[]);
    assert_eq!((head.status().as_u16(), text(&head, CONTENT_LENGTH)), (200, "15"));
    assert_eq!(body(head).await, "");
    for method in [Method::POST, Method::PUT, Method::DELETE] {
        let refused = asked(method, "/", &[]);
        assert_eq!((refused.status().as_u16(), text(&refused, ALLOW)), (405, "GET, HEAD"));
    }
    assert_eq!(asked(Method::POST, "/nothing", &[]).status(), 404);
}

#[test]
fn without_the_dashboard_the_start_page_is_the_documentation() {
    let none = Site::new(std::iter::empty());
    let headers = HeaderMap::from_iter([(ACCEPT, HeaderValue::from_static(BROWSER))]);
    let start = respond(&none, &Method::GET, "/", &headers);
    assert_eq!((start.status().as_u16(), text(&start, LOCATION)), (307, "/api/docs/"));
    assert_eq!(respond(&none, &Method::GET, "/partners", &headers).status(), 404);
    assert_eq!(respond(&none, &Method::POST, "/", &headers).status(), 404);
}

/// What `build.rs` made, unless it was told to leave the dashboard out.
#[tokio::test]
async fn the_embedded_page_names_only_files_that_are_there() {
    let Some(page) = SITE.page() else { return };
    let html = body(page.response(&HeaderMap::new())).await;
    let named: Vec<&str> = html
        .split('"')
        .filter(|part| part.starts_with('/') && part.rsplit('/').next().is_some_and(|name| name.contains('.')))
        .collect();
    assert!(named.iter().any(|path| path.ends_with(".js")), "{html}");
    for path in named {
        assert!(SITE.file(path.trim_start_matches('/')).is_some(), "{path}");
    }
    assert!(!html.contains("<script>"), "the policy lets no inline script run: {html}");
}

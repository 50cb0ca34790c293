//! The dashboard, embedded: every address that the API does not answer, from files that were compressed when they were built.
//!
//! Files under `assets/` carry a hash in their name and are kept by browsers for ever. The page itself and what stands beside it
//! are asked for each time, and not sent again while they are the same. Any address that a browser opens and no file has is the
//! page's own to show.

mod encoding;
mod site;

use std::sync::LazyLock;

use axum::extract::Request;
use axum::response::{IntoResponse as _, Redirect, Response};
use http::header::ACCEPT;
use http::{HeaderMap, Method};
use rust_embed::RustEmbed;

use crate::http::ApiError;
use site::{File, Site};

/// What `build.rs` made; empty where the dashboard was left out.
#[derive(RustEmbed)]
#[folder = "$SIMPUL_DASHBOARD_FOLDER"]
struct Built;

static SITE: LazyLock<Site> = LazyLock::new(|| {
    let files = Built::iter().filter_map(|path| Some((path.clone(), Built::get(&path)?)));
    Site::new(files.map(|(path, file)| (path.into_owned(), file.data, file.metadata.sha256_hash())))
});

/// Answers what has no route: a file, the page, or the contract's 404.
pub(crate) async fn answer(request: Request) -> Response {
    respond(&SITE, request.method(), request.uri().path(), request.headers())
}

fn respond(site: &Site, method: &Method, path: &str, headers: &HeaderMap) -> Response {
    let Some(file) = found(site, path, headers) else {
        // Built without the dashboard: the start page is the API's documentation.
        if path == "/" && site.is_empty() && is_reading(method) {
            return Redirect::temporary("/api/docs/").into_response();
        }
        return ApiError::not_found("address").into_response();
    };
    if !is_reading(method) {
        return ApiError::method_not_allowed(Some("GET, HEAD")).into_response();
    }
    let response = file.response(headers);
    if method == Method::HEAD { response.map(|_| axum::body::Body::empty()) } else { response }
}

fn is_reading(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD)
}

/// The file of this path; the page where a browser opens an address of the dashboard's own.
fn found<'a>(site: &'a Site, path: &str, headers: &HeaderMap) -> Option<&'a File> {
    let is_api = path == "/api" || path.starts_with("/api/");
    if is_api {
        return None;
    }
    if path == "/" || path == "/index.html" {
        return site.page();
    }
    // A file of an earlier build is gone: the page in its place would be read as a broken script.
    let is_file = path.starts_with("/assets/");
    site.file(path.trim_start_matches('/')).or_else(|| site.page().filter(|_| !is_file && takes_html(headers)))
}

/// Browsers name HTML when they open a page; programs do not, and get the contract's 404.
fn takes_html(headers: &HeaderMap) -> bool {
    headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).any(|value| value.contains("text/html"))
}

#[cfg(test)]
mod tests;

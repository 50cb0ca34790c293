//! The embedded files with their compressed forms, types and tags, and the answers made of them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use axum::body::Body;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use http::header::{
    CACHE_CONTROL, CONTENT_ENCODING, CONTENT_LENGTH, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH, VARY,
};
use http::{HeaderMap, HeaderValue, StatusCode};

use super::encoding::{Encoding, chosen};

/// No script but the dashboard's own files. The component kit sets styles on elements, which `unsafe-inline` lets it do.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
    font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
const FOR_EVER: &str = "public, max-age=31536000, immutable";
const ASK_AGAIN: &str = "no-cache";
const PAGE: &str = "index.html";

/// All files of the dashboard.
pub(super) struct Site {
    files: BTreeMap<String, File>,
}

/// One file in the forms that the build made.
#[derive(Default)]
pub(super) struct File {
    plain: Bytes,
    brotli: Option<Bytes>,
    gzip: Option<Bytes>,
    /// Of the plain form, in hexadecimal.
    hash: String,
    content_type: &'static str,
    is_page: bool,
    is_hashed: bool,
}

impl Site {
    /// Takes each file's path, content and SHA-256; `x.br` and `x.gz` are forms of `x`.
    pub(super) fn new(entries: impl Iterator<Item = (String, Cow<'static, [u8]>, [u8; 32])>) -> Self {
        let mut files: BTreeMap<String, File> = BTreeMap::new();
        for (path, content, hash) in entries {
            let content = match content {
                Cow::Borrowed(content) => Bytes::from_static(content),
                Cow::Owned(content) => Bytes::from(content),
            };
            if let Some(path) = path.strip_suffix(".br") {
                files.entry(path.to_owned()).or_default().brotli = Some(content);
            } else if let Some(path) = path.strip_suffix(".gz") {
                files.entry(path.to_owned()).or_default().gzip = Some(content);
            } else {
                let file = files.entry(path.clone()).or_default();
                file.plain = content;
                file.hash = hash[..16].iter().map(|byte| format!("{byte:02x}")).collect();
                file.content_type = content_type(&path);
                file.is_page = path == PAGE;
                file.is_hashed = path.starts_with("assets/");
            }
        }
        Self { files }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    pub(super) fn file(&self, path: &str) -> Option<&File> {
        self.files.get(path)
    }

    /// The page that shows every address.
    pub(super) fn page(&self) -> Option<&File> {
        self.file(PAGE)
    }
}

impl File {
    /// The file in the smallest form that the caller takes, or 304 where the caller has it.
    pub(super) fn response(&self, request: &HeaderMap) -> Response {
        let encoding = chosen(request, |encoding| self.form(encoding).is_some());
        let body = self.form(encoding).unwrap_or(&self.plain);
        let tag = format!("\"{}{}\"", self.hash, encoding.name().map(|name| format!("-{name}")).unwrap_or_default());
        let is_known = has_tag(request, &tag);
        let mut response =
            if is_known { StatusCode::NOT_MODIFIED.into_response() } else { Body::from(body.clone()).into_response() };
        let headers = response.headers_mut();
        headers.insert(VARY, HeaderValue::from_static("accept-encoding"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static(if self.is_hashed { FOR_EVER } else { ASK_AGAIN }));
        if let Ok(tag) = HeaderValue::from_str(&tag) {
            headers.insert(ETAG, tag);
        }
        if self.is_page {
            headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        }
        if !is_known {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
            headers.insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
            if let Some(name) = encoding.name() {
                headers.insert(CONTENT_ENCODING, HeaderValue::from_static(name));
            }
        }
        response
    }

    fn form(&self, encoding: Encoding) -> Option<&Bytes> {
        match encoding {
            Encoding::Brotli => self.brotli.as_ref(),
            Encoding::Gzip => self.gzip.as_ref(),
            Encoding::Identity => Some(&self.plain),
        }
    }
}

/// `If-None-Match` with this tag, strong or weak, or with `*`.
fn has_tag(request: &HeaderMap, tag: &str) -> bool {
    request
        .get_all(IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|known| known.trim().trim_start_matches("W/"))
        .any(|known| known == tag || known == "*")
}

fn content_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("json") => "application/json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("ico") => "image/x-icon",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

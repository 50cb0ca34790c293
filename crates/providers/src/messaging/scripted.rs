//! A network for tests: gives the answers of a script in turn, and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::{HeaderMap, HeaderName};
use simpul_core::error_type::ErrorType;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::network::{HttpFailure, HttpRequest, HttpResponse, Network};

/// One answer of the script.
pub(crate) type Answer = Result<HttpResponse, HttpFailure>;

#[derive(Default)]
pub(crate) struct Scripted {
    answers: Mutex<VecDeque<Answer>>,
    asked: Mutex<Vec<HttpRequest>>,
}

impl Scripted {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), asked: Mutex::default() })
    }

    /// What was asked, in order.
    pub(crate) fn asked(&self) -> Vec<HttpRequest> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

/// An answer with that body, sent in early 2026.
pub(crate) fn answer(status: u16, body: impl AsRef<[u8]>) -> Answer {
    answer_with(status, &[], body)
}

pub(crate) fn answer_with(status: u16, extra: &[(&'static str, &str)], body: impl AsRef<[u8]>) -> Answer {
    let mut headers = HeaderMap::new();
    headers.insert("date", "Sat, 21 Feb 2026 10:00:00 GMT".parse().unwrap());
    for (name, value) in extra {
        headers.insert(HeaderName::from_static(name), value.parse().unwrap());
    }
    Ok(HttpResponse { status, headers, body: body.as_ref().to_vec(), truncated: false })
}

pub(crate) fn failure(error_type: ErrorType) -> Answer {
    Err(HttpFailure::new(error_type, format!("no answer ({error_type})")))
}

#[async_trait]
impl Network for Scripted {
    async fn send(&self, request: HttpRequest) -> Answer {
        self.asked.lock().unwrap().push(request);
        self.answers.lock().unwrap().pop_front().expect("the script has no further answer")
    }

    async fn dial(&self, _host: &str, _port: u16) -> Result<TcpStream, HttpFailure> {
        unreachable!("messaging providers speak HTTP")
    }

    async fn start_tls(&self, _host: &str, _stream: TcpStream) -> Result<TlsStream<TcpStream>, HttpFailure> {
        unreachable!("messaging providers speak HTTP")
    }
}

/// A configuration from name and value pairs.
pub(crate) fn configuration(members: &[(&str, &str)]) -> simpul_core::integration::Configuration {
    simpul_core::integration::Configuration(
        members.iter().map(|(name, value)| ((*name).to_owned(), (*value).into())).collect(),
    )
}

/// The configuration that a manifest's own examples make.
pub(crate) fn examples(manifest: &crate::Manifest) -> simpul_core::integration::Configuration {
    simpul_core::integration::Configuration(
        manifest.fields.iter().map(|field| (field.name.to_owned(), field.example.into())).collect(),
    )
}

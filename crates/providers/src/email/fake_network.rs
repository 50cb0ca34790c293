//! A network for the e-mail providers' tests: scripted answers in turn, and a record of what was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use http::HeaderMap;
use simpul_core::error_type::ErrorType;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::network::{HttpFailure, HttpRequest, HttpResponse, Network};

pub(crate) type Answer = Result<HttpResponse, HttpFailure>;

/// Gives its answers in turn; asked more often, the call fails.
pub(crate) struct FakeNetwork {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<HttpRequest>>,
}

impl FakeNetwork {
    pub(crate) fn new(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), requests: Mutex::default() })
    }

    /// The addresses that were asked, in order.
    pub(crate) fn urls(&self) -> Vec<String> {
        self.requests.lock().unwrap().iter().map(|request| request.url.clone()).collect()
    }

    /// A header of the first request.
    pub(crate) fn header(&self, name: &str) -> String {
        self.requests.lock().unwrap()[0].headers[name].to_str().unwrap().to_owned()
    }
}

pub(crate) fn answer(status: u16, body: &str) -> Answer {
    answer_with(status, &[], body)
}

pub(crate) fn answer_with(status: u16, headers: &[(&'static str, &str)], body: &str) -> Answer {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    Ok(HttpResponse { status, headers: map, body: body.as_bytes().to_vec(), truncated: false })
}

pub(crate) fn failure(error_type: ErrorType) -> Answer {
    Err(HttpFailure::new(error_type, "scripted".to_owned()))
}

fn refused() -> HttpFailure {
    HttpFailure::new(ErrorType::ConnectionRefused, "refused".to_owned())
}

#[async_trait]
impl Network for FakeNetwork {
    async fn send(&self, request: HttpRequest) -> Answer {
        self.requests.lock().unwrap().push(request);
        self.answers.lock().unwrap().pop_front().unwrap_or_else(|| Err(refused()))
    }

    async fn dial(&self, _host: &str, _port: u16) -> Result<TcpStream, HttpFailure> {
        Err(refused())
    }

    async fn start_tls(&self, _host: &str, _stream: TcpStream) -> Result<TlsStream<TcpStream>, HttpFailure> {
        Err(refused())
    }
}

//! A network for tests: scripted answers, and a record of what was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use http::HeaderMap;
use simpul_core::error_type::ErrorType;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use crate::network::{HttpFailure, HttpRequest, HttpResponse, Network};

/// What a scripted call ends with.
pub type Answer = Result<HttpResponse, HttpFailure>;

/// Gives its answers in turn, the last one again and again; refuses connections other than HTTP.
pub struct FakeNetwork {
    answers: Mutex<VecDeque<Answer>>,
    requests: Mutex<Vec<HttpRequest>>,
}

impl FakeNetwork {
    #[must_use]
    pub fn new(answers: impl IntoIterator<Item = Answer>) -> Arc<Self> {
        Arc::new(Self { answers: Mutex::new(answers.into_iter().collect()), requests: Mutex::default() })
    }

    /// Answers every call alike.
    #[must_use]
    pub fn answering(status: u16, body: &str) -> Arc<Self> {
        Self::new([answer(status, body)])
    }

    /// Fails every call alike.
    #[must_use]
    pub fn failing(error_type: ErrorType) -> Arc<Self> {
        Self::new([Err(HttpFailure::new(error_type, format!("scripted {error_type}")))])
    }

    /// What was asked so far, in order; asking again starts anew.
    #[must_use]
    pub fn take_requests(&self) -> Vec<HttpRequest> {
        std::mem::take(&mut *lock(&self.requests))
    }
}

/// An answer without headers.
///
/// # Errors
/// Never; the result is what a scripted call ends with.
pub fn answer(status: u16, body: &str) -> Answer {
    Ok(HttpResponse { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec(), truncated: false })
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn refused() -> HttpFailure {
    HttpFailure::new(ErrorType::ConnectionRefused, "the connection was refused".to_owned())
}

#[async_trait]
impl Network for FakeNetwork {
    async fn send(&self, request: HttpRequest) -> Answer {
        lock(&self.requests).push(request);
        let mut answers = lock(&self.answers);
        let next = if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() };
        next.unwrap_or_else(|| Err(refused()))
    }

    async fn dial(&self, _host: &str, _port: u16) -> Result<TcpStream, HttpFailure> {
        Err(refused())
    }

    async fn start_tls(&self, _host: &str, _stream: TcpStream) -> Result<TlsStream<TcpStream>, HttpFailure> {
        Err(refused())
    }
}

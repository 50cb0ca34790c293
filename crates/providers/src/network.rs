//! The network as the hub hands it to a provider: guarded, bounded, and the only way out.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, Method};
use simpul_core::error_type::ErrorType;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A request to a provider's API.
pub struct HttpRequest {
    pub method: Method,
    pub url: String,
    pub headers: HeaderMap,
    /// Shared, so that no attempt copies it.
    pub body: Bytes,
    /// For the whole exchange, the body's last byte included.
    pub timeout: Duration,
}

/// An answer, whatever its status. The body is cut at the network's cap.
#[derive(Debug, Clone)]
pub struct HttpResponse {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The body went on past the cap.
    pub truncated: bool,
}

/// No answer: name resolution, connection, TLS, time, or a forbidden address. The message holds no secret.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{message}")]
pub struct HttpFailure {
    pub error_type: ErrorType,
    pub message: String,
    /// It says nothing of the other side: this machine lacks what a connection takes (descriptors, ports, memory).
    pub is_ours: bool,
}

impl HttpFailure {
    /// A failure that lies with the other side or the way there.
    #[must_use]
    pub fn new(error_type: ErrorType, message: impl Into<String>) -> Self {
        Self { error_type, message: message.into(), is_ours: false }
    }
}

/// The guarded way out, made by the engine; tests make their own.
#[async_trait]
pub trait Network: Send + Sync {
    /// Sends a request. Follows no redirect.
    ///
    /// # Errors
    /// No complete answer arrived.
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure>;

    /// Opens a TCP connection to a name or address, on a port that mail uses (or any inside the operator's allowed ranges).
    ///
    /// # Errors
    /// As for [`Network::send`].
    async fn dial(&self, host: &str, port: u16) -> Result<TcpStream, HttpFailure>;

    /// Starts TLS on a connection and checks the certificate against `host`.
    ///
    /// # Errors
    /// `tls_error` with what is wrong with the certificate, in plain words.
    async fn start_tls(&self, host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>, HttpFailure>;
}

//! Connections that speak something other than HTTP, mail above all: the same guard, other ports.

use std::net::SocketAddr;
use std::sync::Arc;

use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use simpul_core::error_type::ErrorType;
use simpul_providers::HttpFailure;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::CONNECT_TIMEOUT;
use super::failure::{classify_tls, failure};
use super::guard::{Guard, NoAddress, connect_first};

/// Opens a TCP connection to a port that mail uses, or to any inside an allowed range.
pub(super) async fn dial(guard: &Guard, host: &str, port: u16) -> Result<TcpStream, HttpFailure> {
    let addresses = guard.addresses(host, Instant::now() + CONNECT_TIMEOUT).await.map_err(|cause| match cause {
        NoAddress::Blocked => failure(ErrorType::BlockedAddress, "the host is at a private or reserved address"),
        cause => cause.into(),
    })?;
    let permitted: Vec<SocketAddr> = addresses
        .into_iter()
        .filter(|address| guard.policy.permits_mail_port(*address, port))
        .map(|address| SocketAddr::new(address, port))
        .collect();
    if permitted.is_empty() {
        let message = format!("port {port} is not used for mail; use 587, 465, 25 or 2525");
        return Err(failure(ErrorType::BlockedAddress, &message));
    }
    let (stream, _) = connect_first(permitted, Instant::now() + CONNECT_TIMEOUT).await?;
    Ok(stream)
}

/// Starts TLS on a connection and checks the certificate against `host`.
pub(super) async fn start_tls(
    tls: &Arc<ClientConfig>,
    host: &str,
    stream: TcpStream,
) -> Result<TlsStream<TcpStream>, HttpFailure> {
    let name = ServerName::try_from(host.to_owned())
        .map_err(|_| failure(ErrorType::TlsError, "the host name cannot appear in a certificate"))?;
    match timeout(CONNECT_TIMEOUT, TlsConnector::from(Arc::clone(tls)).connect(name, stream)).await {
        Ok(Ok(stream)) => Ok(stream),
        Ok(Err(error)) => Err(classify_tls(&error)
            .unwrap_or_else(|| failure(ErrorType::TlsError, "the connection broke off during the TLS handshake"))),
        Err(_) => Err(failure(ErrorType::Timeout, "the TLS handshake was not finished in time")),
    }
}

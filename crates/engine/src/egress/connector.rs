//! Opens the connections of the HTTP client: resolved, judged, pinned, measured, with TLS where the URL asks for it.

use std::future::Future;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use http::Uri;
use http::uri::Scheme;
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use simpul_core::error_type::ErrorType;
use simpul_providers::HttpFailure;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tower::Service;

use super::failure::{classify_handshake, failure};
use super::guard::{Guard, connect_first};
use super::timings::Trace;
use super::wire::Wire;

/// What the pool calls when it has no connection to a host. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connector {
    guard: Arc<Guard>,
    tls: Arc<ClientConfig>,
}

impl Connector {
    pub(super) fn new(guard: Arc<Guard>, tls: Arc<ClientConfig>) -> Self {
        Self { guard, tls }
    }

    async fn open(self, uri: Uri, trace: Arc<Trace>) -> Result<TokioIo<Wire>, HttpFailure> {
        let invalid = |message| failure(ErrorType::InvalidConfiguration, message);
        let host = uri.host().ok_or_else(|| invalid("the URL names no host"))?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let is_tls = uri.scheme() == Some(&Scheme::HTTPS);
        let port = uri.port_u16().unwrap_or(if is_tls { 443 } else { 80 });
        let stream = self.reach(host, port, &trace).await?;
        let wire = if is_tls {
            Wire::tls(self.secure(host, stream, &trace).await?, trace)
        } else {
            Wire::plain(stream, trace)
        };
        Ok(TokioIo::new(wire))
    }

    async fn reach(&self, host: &str, port: u16, trace: &Trace) -> Result<TcpStream, HttpFailure> {
        let started = Instant::now();
        let addresses = self.guard.addresses(host, trace.deadline).await?;
        if host.parse::<std::net::IpAddr>().is_err() {
            trace.note(|stages| stages.dns = Some(started.elapsed()));
        }
        let started = Instant::now();
        let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, port));
        let (stream, address) = connect_first(addresses, trace.deadline).await?;
        trace.note(|stages| {
            stages.connect = Some(started.elapsed());
            stages.remote_address = Some(address);
        });
        // Only a broken connection refuses the option, and that shows at the first write.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection was opened without TCP_NODELAY");
        }
        Ok(stream)
    }

    async fn secure(&self, host: &str, stream: TcpStream, trace: &Trace) -> Result<TlsStream<TcpStream>, HttpFailure> {
        let started = Instant::now();
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| failure(ErrorType::TlsError, "the host name cannot appear in a certificate"))?;
        let handshake = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream);
        let stream = match timeout_at(trace.deadline, handshake).await {
            Ok(secured) => secured.map_err(|error| classify_handshake(&error))?,
            Err(_) => return Err(failure(ErrorType::Timeout, "the TLS handshake was not finished in time")),
        };
        trace.note(|stages| stages.tls = Some(started.elapsed()));
        Ok(stream)
    }
}

impl Service<Uri> for Connector {
    type Response = TokioIo<Wire>;
    type Error = HttpFailure;
    type Future = Pin<Box<dyn Future<Output = Result<TokioIo<Wire>, HttpFailure>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), HttpFailure>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        // Taken here and not in the future: the pool may let another task finish it.
        let trace = Trace::current();
        Box::pin(self.clone().open(uri, trace))
    }
}

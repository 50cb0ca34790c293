//! The guarded way out: the one client that makes outgoing connections, for tests, read-backs and deliveries alike.
//!
//! Names are resolved by our own connector and every address is judged before a connection is made to exactly that address, so
//! that an answer that changes between check and use (DNS rebinding) gains nothing. Addresses written into the URL are judged
//! likewise. No redirect is followed, no proxy of the environment is used, nothing is decompressed, bodies are read to a cap,
//! headers to a bound, and each exchange has one deadline for everything.
//!
//! Connections are kept and used again. What a receiver closed while it was idle is no failure of the receiver: a request that
//! was not yet written is sent again by the pool, and one that was written, but may be repeated, once on a connection of its own.

mod connector;
mod dial;
mod failure;
mod guard;
mod progress;
mod resolver;
mod timings;
mod wire;

#[cfg(test)]
mod tests;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::client::legacy::Client;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use simpul_core::error_type::ErrorType;
use simpul_providers::{HttpFailure, HttpRequest, HttpResponse, Network};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

use self::connector::Connector;
use self::failure::{classify, failure, timed_out};
use self::guard::Guard;
use self::progress::Progress;
use self::resolver::{Resolve, SystemResolver};
pub use self::timings::Timings;
use crate::address::Policy;
use crate::tls::{TrustError, client_config, with_http_protocols};

/// Bytes of a provider's answer that are read.
const PROVIDER_BODY: usize = 1 << 20;
/// For making a connection: resolution, TCP and TLS together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections kept for each host.
const IDLE_CONNECTIONS: usize = 32;
const IDLE_TIMEOUT: Duration = Duration::from_secs(50);
/// Bytes of an answer's head, and of what is read ahead of its body. The number of its fields is bounded by hyper: 100.
const HEAD_LIMIT: usize = 64 * 1024;
/// What one stream, and all of one HTTP/2 connection, may send ahead of what was read.
const STREAM_WINDOW: u32 = 256 * 1024;
const CONNECTION_WINDOW: u32 = 1024 * 1024;
/// How often an HTTP/2 connection that requests wait on is asked whether it still lives.
const PING_INTERVAL: Duration = Duration::from_secs(15);
/// Kept back from the deadline, so that what is known by then (a status, the stage that hangs) is still told.
const MARGIN: Duration = Duration::from_millis(20);

type Pool = Client<Connector, Full<Bytes>>;

/// The guarded client. Cheap to clone.
#[derive(Clone)]
pub struct Egress {
    pooled: Pool,
    /// The same without a pool: each request opens its connection.
    single: Pool,
    guard: Arc<Guard>,
    /// For mail; HTTP has its own with ALPN.
    tls: Arc<rustls::ClientConfig>,
}

/// A request and what came of it.
pub struct Exchange {
    pub answer: Result<HttpResponse, HttpFailure>,
    /// The address that the request went to, or that refused it in the TLS handshake.
    pub remote_address: Option<SocketAddr>,
    pub timings: Timings,
}

impl Egress {
    /// Makes the client; `extra_certificates` is PEM text.
    ///
    /// # Errors
    /// The certificates cannot be read, or TLS cannot be set up.
    pub fn new(policy: Policy, extra_certificates: Option<&[u8]>) -> Result<Self, TrustError> {
        Self::with_resolver(policy, extra_certificates, Arc::new(SystemResolver::default()))
    }

    fn with_resolver(
        policy: Policy,
        extra_certificates: Option<&[u8]>,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Self, TrustError> {
        let tls = client_config(extra_certificates)?;
        let guard = Arc::new(Guard { policy, resolver });
        let connector = Connector::new(Arc::clone(&guard), with_http_protocols(&tls));
        let pooled = pool(connector.clone(), IDLE_CONNECTIONS);
        Ok(Self { pooled, single: pool(connector, 0), guard, tls })
    }

    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.guard.policy
    }

    /// Sends one request and reads at most `cap` bytes of the answer's body, all within the request's timeout. A body that fails after
    /// the status arrived is cut, not an error.
    pub async fn exchange(&self, request: HttpRequest, cap: usize) -> Exchange {
        let within = request.timeout;
        let mut progress = Progress::starting(within);
        let answer = match timeout(within, self.send_guarded(request, cap, &mut progress)).await {
            Ok(answer) => answer,
            Err(_) => {
                progress.distrust_connection();
                Err(timed_out(within))
            }
        };
        let (remote_address, timings) = progress.finish();
        Exchange { answer, remote_address, timings }
    }

    async fn send_guarded(
        &self,
        request: HttpRequest,
        cap: usize,
        progress: &mut Progress,
    ) -> Result<HttpResponse, HttpFailure> {
        let response = self.send_once_more(request, progress).await?;
        progress.head_arrived();
        let (head, body) = response.into_parts();
        let (body, truncated) = read_capped(body, cap, progress.deadline() - MARGIN).await;
        Ok(HttpResponse { status: head.status.as_u16(), headers: head.headers, body, truncated })
    }

    /// Sends, and repeats once what broke off on a kept connection before an answer: most likely it was closed while idle.
    async fn send_once_more(
        &self,
        request: HttpRequest,
        progress: &mut Progress,
    ) -> Result<Response<Incoming>, HttpFailure> {
        let HttpRequest { method, url, mut headers, body, timeout: _ } = request;
        let (_, uri) = self.target(&url)?;
        headers.entry(header::ACCEPT).or_insert(HeaderValue::from_static("*/*"));
        if !may_repeat(&method, &headers) {
            return send(&self.pooled, assemble(method, uri, headers, body), progress).await;
        }
        let first = assemble(method.clone(), uri.clone(), headers.clone(), body.clone());
        match send(&self.pooled, first, progress).await {
            Err(failure) if failure.error_type == ErrorType::ConnectionReset && progress.used_kept_connection() => {
                send(&self.single, assemble(method, uri, headers, body), progress).await
            }
            answer => answer,
        }
    }

    /// Judges what can be judged before resolution: scheme, port, and addresses written out.
    ///
    /// # Errors
    /// The URL cannot be used, or names a forbidden address.
    pub fn judge(&self, url: &str) -> Result<Url, HttpFailure> {
        self.target(url).map(|(url, _)| url)
    }

    fn target(&self, url: &str) -> Result<(Url, Uri), HttpFailure> {
        let invalid = |message: &str| failure(ErrorType::InvalidConfiguration, message);
        let url = Url::parse(url).map_err(|_| invalid("the URL cannot be read"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("the URL must start with http:// or https://"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(invalid("the URL must not hold a user name or password"));
        }
        let address = match url.host() {
            None => return Err(invalid("the URL names no host")),
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
        };
        if address.is_some_and(|address| !self.policy().permits(address)) {
            return Err(failure(ErrorType::BlockedAddress, "the URL names a private or reserved address"));
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if !self.policy().permits_http_port(address, port) {
            return Err(failure(
                ErrorType::BlockedAddress,
                &format!("port {port} may not be used; use 80, 443, or one from 1024"),
            ));
        }
        let uri = Uri::try_from(url.as_str()).map_err(|_| invalid("the URL cannot be read"))?;
        Ok((url, uri))
    }
}

fn pool(connector: Connector, idle: usize) -> Pool {
    Client::builder(TokioExecutor::new())
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_max_idle_per_host(idle)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .retry_canceled_requests(true)
        .http1_max_buf_size(HEAD_LIMIT)
        .http2_max_header_list_size(u32::try_from(HEAD_LIMIT).unwrap_or(u32::MAX))
        .http2_initial_stream_window_size(STREAM_WINDOW)
        .http2_initial_connection_window_size(CONNECTION_WINDOW)
        .http2_keep_alive_interval(PING_INTERVAL)
        .build(connector)
}

/// Whether sending twice does no harm: by the method (RFC 9110, 9.2.2), or since the request carries the id by which its
/// receiver knows a repetition.
fn may_repeat(method: &Method, headers: &HeaderMap) -> bool {
    method.is_idempotent() || headers.contains_key("webhook-id") || headers.contains_key("idempotency-key")
}

fn assemble(method: Method, uri: Uri, headers: HeaderMap, body: Bytes) -> Request<Full<Bytes>> {
    let mut request = Request::new(Full::new(body));
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    request
}

async fn send(
    pool: &Pool,
    mut request: Request<Full<Bytes>>,
    progress: &mut Progress,
) -> Result<Response<Incoming>, HttpFailure> {
    let trace = progress.watch(&mut request);
    trace.while_connecting(pool.request(request)).await.map_err(|error| classify(&error))
}

/// A body that drips past the deadline, breaks off or goes on for ever is cut here; the status already decides.
async fn read_capped(mut body: Incoming, cap: usize, until: Instant) -> (Vec<u8>, bool) {
    let mut read = Vec::new();
    while let Ok(Some(Ok(frame))) = timeout_at(until, body.frame()).await {
        let Ok(chunk) = frame.into_data() else { continue };
        let room = cap - read.len();
        read.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return (read, true);
        }
    }
    (read, false)
}

#[async_trait]
impl Network for Egress {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        self.exchange(request, PROVIDER_BODY).await.answer
    }

    async fn dial(&self, host: &str, port: u16) -> Result<TcpStream, HttpFailure> {
        dial::dial(&self.guard, host, port).await
    }

    async fn start_tls(&self, host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>, HttpFailure> {
        dial::start_tls(&self.tls, host, stream).await
    }
}

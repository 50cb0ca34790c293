//! The guarded way out: the one client that makes outgoing connections, for tests, read-backs and deliveries alike.
//!
//! Names are resolved here and every address is judged before a connection is made to exactly that address, so that an
//! answer that changes between check and use (DNS rebinding) gains nothing. Addresses written into the URL never reach the
//! resolver, so they are judged before. No redirect is followed, no proxy of the environment is used, bodies are read to a
//! cap, and each exchange has one deadline for everything.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use rustls::pki_types::ServerName;
use simpul_core::error_type::ErrorType;
use simpul_providers::{HttpFailure, HttpRequest, HttpResponse, Network};
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use url::{Host, Url};

use crate::address::Policy;
use crate::tls::{self, TrustError, client_config};

/// Bytes of a provider's answer that are read.
const PROVIDER_BODY: usize = 1 << 20;
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// Idle connections kept for each host.
const IDLE_CONNECTIONS: usize = 32;

/// The guarded client. Cheap to clone.
#[derive(Clone)]
pub struct Egress {
    client: reqwest::Client,
    policy: Arc<Policy>,
    tls: Arc<rustls::ClientConfig>,
}

/// A request and what came of it.
pub struct Exchange {
    pub answer: Result<HttpResponse, HttpFailure>,
    pub remote_address: Option<SocketAddr>,
    pub duration: Duration,
}

/// The name resolved to no address that may be used.
#[derive(Debug, thiserror::Error)]
#[error("the name resolves only to private or reserved addresses")]
struct Blocked;

/// The name could not be resolved.
#[derive(Debug, thiserror::Error)]
#[error("the name could not be resolved")]
struct Unresolved;

struct GuardedResolver(Arc<Policy>);

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.0);
        Box::pin(async move {
            let addresses = resolve(&policy, name.as_str(), 0).await?;
            Ok(Box::new(addresses.into_iter()) as Addrs)
        })
    }
}

async fn resolve(
    policy: &Policy,
    name: &str,
    port: u16,
) -> Result<Vec<SocketAddr>, Box<dyn std::error::Error + Send + Sync>> {
    let found: Vec<SocketAddr> = tokio::net::lookup_host((name, port)).await.map_err(|_| Unresolved)?.collect();
    if found.is_empty() {
        return Err(Unresolved.into());
    }
    let permitted: Vec<SocketAddr> = found.into_iter().filter(|address| policy.permits(address.ip())).collect();
    if permitted.is_empty() { Err(Blocked.into()) } else { Ok(permitted) }
}

impl Egress {
    /// Makes the client; `extra_certificates` is PEM text.
    ///
    /// # Errors
    /// The certificates cannot be read, or TLS cannot be set up.
    pub fn new(policy: Policy, extra_certificates: Option<&[u8]>) -> Result<Self, TrustError> {
        let tls = client_config(extra_certificates)?;
        let policy = Arc::new(policy);
        #[expect(clippy::disallowed_methods, reason = "this is the guarded client that everything else uses")]
        let client = reqwest::Client::builder()
            .tls_backend_preconfigured((*tls).clone())
            .dns_resolver(Arc::new(GuardedResolver(Arc::clone(&policy))))
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .connect_timeout(CONNECT_TIMEOUT)
            .pool_max_idle_per_host(IDLE_CONNECTIONS)
            .pool_idle_timeout(Duration::from_secs(50))
            .build()
            .map_err(|_| rustls::Error::General("the HTTP client could not be built".to_owned()))?;
        Ok(Self { client, policy, tls })
    }

    #[must_use]
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Sends one request and reads at most `cap` bytes of the answer's body, all within the request's timeout. A body that fails after
    /// the status arrived is cut, not an error.
    pub async fn exchange(&self, request: HttpRequest, cap: usize) -> Exchange {
        let started = Instant::now();
        let within = request.timeout;
        let mut remote_address = None;
        let answer = timeout(within, self.send_guarded(request, cap, started + within, &mut remote_address))
            .await
            .unwrap_or_else(|_| Err(timed_out(within)));
        Exchange { answer, remote_address, duration: started.elapsed() }
    }

    async fn send_guarded(
        &self,
        request: HttpRequest,
        cap: usize,
        deadline: Instant,
        remote_address: &mut Option<SocketAddr>,
    ) -> Result<HttpResponse, HttpFailure> {
        let HttpRequest { method, url, headers, body, timeout: _ } = request;
        let url = self.judge(&url)?;
        let sending = self.client.request(method, url).headers(headers).body(body).send();
        let response = sending.await.map_err(|error| classify(&error))?;
        *remote_address = response.remote_addr();
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        let (body, truncated) = read_capped(response, cap, deadline).await;
        Ok(HttpResponse { status, headers, body, truncated })
    }

    /// Judges what can be judged before resolution: scheme, port, and addresses written out.
    ///
    /// # Errors
    /// The URL cannot be used, or names a forbidden address.
    pub fn judge(&self, url: &str) -> Result<Url, HttpFailure> {
        let invalid = |message: &str| failure(ErrorType::InvalidConfiguration, message);
        let url = Url::parse(url).map_err(|_| invalid("the URL cannot be read"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(invalid("the URL must start with http:// or https://"));
        }
        let address = match url.host() {
            None => return Err(invalid("the URL names no host")),
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
            Some(Host::Domain(_)) => None,
        };
        if address.is_some_and(|address| !self.policy.permits(address)) {
            return Err(failure(ErrorType::BlockedAddress, "the URL names a private or reserved address"));
        }
        let port = url.port_or_known_default().unwrap_or(0);
        if !self.policy.permits_http_port(address, port) {
            return Err(failure(
                ErrorType::BlockedAddress,
                &format!("port {port} may not be used; use 80, 443, or one from 1024"),
            ));
        }
        Ok(url)
    }
}

async fn read_capped(response: reqwest::Response, cap: usize, deadline: Instant) -> (Vec<u8>, bool) {
    let mut body = Vec::new();
    let mut stream = response.bytes_stream();
    // A body that drips past the deadline, breaks off or goes on for ever is cut here; the status already decides.
    let margin = Duration::from_millis(20);
    while let Ok(Some(Ok(chunk))) = tokio::time::timeout_at(deadline - margin, stream.next()).await {
        let room = cap - body.len();
        body.extend_from_slice(&chunk[..chunk.len().min(room)]);
        if chunk.len() > room {
            return (body, true);
        }
    }
    (body, false)
}

fn failure(error_type: ErrorType, message: &str) -> HttpFailure {
    HttpFailure { error_type, message: message.to_owned() }
}

fn timed_out(deadline: Duration) -> HttpFailure {
    failure(ErrorType::Timeout, &format!("no complete answer within {} seconds", deadline.as_secs()))
}

/// Finds out what went wrong from the error's chain of causes, never from its text.
fn classify(error: &reqwest::Error) -> HttpFailure {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = std::error::Error::source(error);
    while let Some(current) = cause {
        if current.is::<Blocked>() {
            return failure(ErrorType::BlockedAddress, &Blocked.to_string());
        }
        if current.is::<Unresolved>() {
            return failure(ErrorType::DnsError, &Unresolved.to_string());
        }
        if let Some(error) = current.downcast_ref::<rustls::Error>() {
            return failure(ErrorType::TlsError, &tls::explain(error));
        }
        if let Some(error) = current.downcast_ref::<std::io::Error>() {
            if let Some(inner) = error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                return failure(ErrorType::TlsError, &tls::explain(inner));
            }
            if let Some(found) = classify_io(error) {
                return found;
            }
        }
        cause = current.source();
    }
    if error.is_timeout() {
        return failure(ErrorType::Timeout, "the connection could not be made in time");
    }
    if error.is_connect() {
        return failure(ErrorType::ConnectionRefused, "the connection could not be made");
    }
    failure(ErrorType::ConnectionReset, "the connection broke off before an answer arrived")
}

fn classify_io(error: &std::io::Error) -> Option<HttpFailure> {
    use std::io::ErrorKind as Kind;
    match error.kind() {
        Kind::ConnectionRefused => {
            Some(failure(ErrorType::ConnectionRefused, "the connection was refused: nothing listens there"))
        }
        Kind::ConnectionReset | Kind::ConnectionAborted | Kind::BrokenPipe | Kind::UnexpectedEof => {
            Some(failure(ErrorType::ConnectionReset, "the connection broke off"))
        }
        Kind::TimedOut => Some(failure(ErrorType::Timeout, "the connection could not be made in time")),
        Kind::HostUnreachable | Kind::NetworkUnreachable => {
            Some(failure(ErrorType::ConnectionRefused, "there is no route to the address"))
        }
        _ => None,
    }
}

#[async_trait]
impl Network for Egress {
    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        self.exchange(request, PROVIDER_BODY).await.answer
    }

    async fn dial(&self, host: &str, port: u16) -> Result<TcpStream, HttpFailure> {
        let addresses = timeout(CONNECT_TIMEOUT, self.mail_addresses(host, port))
            .await
            .unwrap_or_else(|_| Err(timed_out(CONNECT_TIMEOUT)))?;
        let mut last = failure(ErrorType::DnsError, &Unresolved.to_string());
        for address in addresses.into_iter().take(4) {
            last = match timeout(CONNECT_TIMEOUT, TcpStream::connect(address)).await {
                Ok(Ok(stream)) => return Ok(stream),
                Ok(Err(error)) => classify_io(&error)
                    .unwrap_or_else(|| failure(ErrorType::ConnectionRefused, "the connection could not be made")),
                Err(_) => return Err(failure(ErrorType::Timeout, "the connection could not be made in time")),
            };
        }
        Err(last)
    }

    async fn start_tls(&self, host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>, HttpFailure> {
        let name = ServerName::try_from(host.to_owned())
            .map_err(|_| failure(ErrorType::TlsError, "the host name cannot appear in a certificate"))?;
        let handshake = TlsConnector::from(Arc::clone(&self.tls)).connect(name, stream);
        match timeout(CONNECT_TIMEOUT, handshake).await {
            Ok(Ok(stream)) => Ok(stream),
            Ok(Err(error)) => Err(match error.get_ref().and_then(|inner| inner.downcast_ref::<rustls::Error>()) {
                Some(error) => failure(ErrorType::TlsError, &tls::explain(error)),
                None => failure(ErrorType::TlsError, "the connection broke off during the TLS handshake"),
            }),
            Err(_) => Err(failure(ErrorType::Timeout, "the TLS handshake was not finished in time")),
        }
    }
}

impl Egress {
    async fn mail_addresses(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, HttpFailure> {
        let addresses = resolve(&self.policy, host, port).await.map_err(|error| {
            if error.is::<Blocked>() {
                failure(ErrorType::BlockedAddress, "the host is at a private or reserved address")
            } else {
                failure(ErrorType::DnsError, &Unresolved.to_string())
            }
        })?;
        if addresses.iter().any(|address| self.policy.permits_mail_port(address.ip(), port)) {
            return Ok(addresses);
        }
        Err(failure(ErrorType::BlockedAddress, &format!("port {port} is not used for mail; use 587, 465, 25 or 2525")))
    }
}

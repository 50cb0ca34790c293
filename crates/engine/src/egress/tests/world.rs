//! What the tests stand on: receivers on loopback, names that resolve as a test says, certificates.
//!
//! 127.0.0.2 stands for a public address: the policy of the tests allows it, and 127.0.0.1 not.

use std::collections::{HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use http::{HeaderMap, Method};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use simpul_core::error_type::ErrorType;
use simpul_providers::{HttpFailure, HttpRequest, HttpResponse};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;

use super::super::resolver::{Resolve, Unresolved};
use super::super::{Egress, Exchange};
use crate::address::Policy;

pub(super) const PUBLIC: &str = "127.0.0.2";
pub(super) const NAME: &str = "receiver.test";
pub(super) const SECOND: Duration = Duration::from_secs(1);

/// Names and what they resolve to, answer after answer; the last one stays. An empty answer never comes.
#[derive(Default)]
pub(super) struct Names(Mutex<HashMap<String, VecDeque<Vec<IpAddr>>>>);

impl Names {
    pub(super) fn with(self, name: &str, answers: &[&[&str]]) -> Self {
        let parse = |answer: &&[&str]| answer.iter().map(|address| address.parse().unwrap()).collect();
        self.0.lock().unwrap().insert(name.to_owned(), answers.iter().map(parse).collect());
        self
    }

    fn next(&self, name: &str) -> Option<Vec<IpAddr>> {
        let mut names = self.0.lock().unwrap();
        let answers = names.get_mut(name)?;
        if answers.len() > 1 { answers.pop_front() } else { answers.front().cloned() }
    }
}

#[async_trait]
impl Resolve for Names {
    async fn resolve(&self, name: &str) -> Result<Vec<IpAddr>, Unresolved> {
        let answer = self.next(name).ok_or(Unresolved)?;
        if answer.is_empty() {
            std::future::pending::<()>().await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
        Ok(answer)
    }
}

/// `receiver.test` at the public address.
pub(super) fn names() -> Names {
    Names::default().with(NAME, &[&[PUBLIC]])
}

pub(super) fn policy() -> Policy {
    Policy::new(vec![format!("{PUBLIC}/32").parse().unwrap()])
}

pub(super) fn egress(names: Names) -> Egress {
    Egress::with_resolver(policy(), None, Arc::new(names)).unwrap()
}

pub(super) fn trusting(authority: &Authority) -> Egress {
    Egress::with_resolver(policy(), Some(authority.pem.as_bytes()), Arc::new(names())).unwrap()
}

pub(super) fn get(url: impl Into<String>, timeout: Duration) -> HttpRequest {
    HttpRequest { method: Method::GET, url: url.into(), headers: HeaderMap::new(), body: "".into(), timeout }
}

/// A delivery: a body, and the id by which its receiver knows a repetition.
pub(super) fn delivery(url: impl Into<String>, timeout: Duration) -> HttpRequest {
    let headers = HeaderMap::from_iter([("webhook-id".parse().unwrap(), "evt_1".parse().unwrap())]);
    HttpRequest { method: Method::POST, url: url.into(), headers, body: "{\"paid\":true}".into(), timeout }
}

pub(super) fn answer(exchange: Exchange) -> HttpResponse {
    exchange.answer.unwrap_or_else(|failure| panic!("{}: {failure}", failure.error_type.as_str()))
}

pub(super) fn fails(exchange: &Exchange, expected: ErrorType) -> &HttpFailure {
    match &exchange.answer {
        Err(failure) => {
            assert_eq!(failure.error_type, expected, "{failure}");
            failure
        }
        Ok(response) => panic!("answered {} instead of {}", response.status, expected.as_str()),
    }
}

/// Something that listens until it is dropped.
pub(super) struct Receiver {
    pub(super) address: SocketAddr,
    connections: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Receiver {
    /// At the public address; each connection, with its number from 0, is given to `serve`.
    pub(super) async fn start<F, Fut>(serve: F) -> Self
    where
        F: Fn(TcpStream, usize) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        Self::at(format!("{PUBLIC}:0").parse().unwrap(), serve).await
    }

    pub(super) async fn at<F, Fut>(address: SocketAddr, serve: F) -> Self
    where
        F: Fn(TcpStream, usize) -> Fut + Send + 'static,
        Fut: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, counter.fetch_add(1, Ordering::SeqCst)));
            }
        });
        Self { address, connections, task }
    }

    pub(super) fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    /// By name.
    pub(super) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{NAME}:{}/hook", self.address.port())
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// A request with its body, or `None` when the connection was closed before a whole one.
pub(super) async fn read_request(stream: &mut (impl AsyncRead + Unpin)) -> Option<String> {
    let mut read = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&read).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text);
            }
        }
        if stream.read_buf(&mut read).await.ok()? == 0 {
            return None;
        }
    }
}

/// A certificate authority made for one test.
pub(super) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    pem: String,
}

impl Authority {
    pub(super) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, format!("{:02x?}", &key.public_key_raw()[..16]));
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let pem = parameters.self_signed(&key).unwrap().pem();
        Self { issuer: Issuer::new(parameters, key), pem }
    }

    pub(super) fn certificate(&self, name: &str, protocols: &[&str]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let signed = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        acceptor(&signed.pem(), &key, protocols)
    }

    pub(super) fn expired(&self, name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.not_before = date_time_ymd(2020, 1, 1);
        parameters.not_after = date_time_ymd(2021, 1, 1);
        acceptor(&parameters.signed_by(&key, &self.issuer).unwrap().pem(), &key, &[])
    }

    pub(super) fn self_signed(name: &str) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
        acceptor(&certificate.pem(), &key, &[])
    }
}

fn acceptor(certificate: &str, key: &KeyPair, protocols: &[&str]) -> TlsAcceptor {
    let certificate = CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap();
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    let mut config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .unwrap();
    config.alpn_protocols = protocols.iter().map(|protocol| protocol.as_bytes().to_vec()).collect();
    TlsAcceptor::from(Arc::new(config))
}

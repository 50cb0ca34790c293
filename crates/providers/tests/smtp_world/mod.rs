//! What the SMTP tests stand on: certificates, a real mail server, scripted servers, and a plain network to reach them.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use async_trait::async_trait;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use serde_json::Value;
use simpul_core::error_type::ErrorType;
use simpul_core::integration::{Configuration, Mode};
use simpul_providers::{
    HttpFailure, HttpRequest, HttpResponse, MailReceipt, Network, OutgoingMail, SendError, TestReport, find,
    test_connection,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// A certificate with its key, both PEM.
#[derive(Clone)]
pub(crate) struct Certificate {
    certificate: String,
    key: String,
}

/// A certificate authority made for one test.
pub(crate) struct Authority {
    issuer: Issuer<'static, KeyPair>,
    der: CertificateDer<'static>,
}

impl Authority {
    pub(crate) fn new() -> Self {
        let key = KeyPair::generate().unwrap();
        let mut parameters = CertificateParams::new(Vec::new()).unwrap();
        parameters.distinguished_name.push(DnType::CommonName, "An authority of the tests");
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let der = parameters.self_signed(&key).unwrap().der().clone();
        Self { issuer: Issuer::new(parameters, key), der }
    }

    pub(crate) fn certificate(&self, name: &str) -> Certificate {
        self.sign(CertificateParams::new(vec![name.to_owned()]).unwrap())
    }

    pub(crate) fn expired(&self, name: &str) -> Certificate {
        let mut parameters = CertificateParams::new(vec![name.to_owned()]).unwrap();
        parameters.not_before = date_time_ymd(2020, 1, 1);
        parameters.not_after = date_time_ymd(2021, 1, 1);
        self.sign(parameters)
    }

    pub(crate) fn self_signed(name: &str) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().self_signed(&key).unwrap();
        Certificate { certificate: certificate.pem(), key: key.serialize_pem() }
    }

    fn sign(&self, parameters: CertificateParams) -> Certificate {
        let key = KeyPair::generate().unwrap();
        let certificate = parameters.signed_by(&key, &self.issuer).unwrap();
        Certificate { certificate: certificate.pem(), key: key.serialize_pem() }
    }
}

/// A mail server in a process of its own; it ends with this value.
pub(crate) struct Server {
    pub(crate) port: u16,
    process: Child,
}

impl Server {
    pub(crate) fn start(mode: &str, certificate: Option<Certificate>) -> Self {
        let python = std::env::var_os("SIMPUL_TEST_PYTHON").expect(
            "SIMPUL_TEST_PYTHON is not set: run `make test`, which makes a Python environment with aiosmtpd and names it there",
        );
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smtp_server.py");
        let mut command = Command::new(python);
        command.arg(script).arg(mode).stdin(Stdio::piped()).stdout(Stdio::piped());
        if let Some(certificate) = certificate {
            command.args([write(&certificate.certificate), write(&certificate.key)]);
        }
        let mut process = command.spawn().expect("the Python that SIMPUL_TEST_PYTHON names starts");
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let port = line.trim().parse().expect("the server prints its port; is aiosmtpd installed?");
        Self { port, process }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.process.kill().and_then(|()| self.process.wait()).expect("the server ends");
    }
}

/// Writes a file of its own for each call.
fn write(text: &str) -> PathBuf {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let name = format!("smtp-{}-{}.pem", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, text).unwrap();
    path
}

/// A server that says the first part at once and one more for each line it hears, and then hangs up where the part is
/// empty, or listens on.
pub(crate) async fn scripted(script: &[&'static [u8]]) -> u16 {
    let script = script.to_vec();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut heard = [0; 4_096];
        for part in script {
            if part.is_empty() {
                return;
            }
            stream.write_all(part).await.unwrap();
            if stream.read(&mut heard).await.unwrap_or(0) == 0 {
                return;
            }
        }
        while stream.read(&mut heard).await.unwrap_or(0) > 0 {}
    });
    port
}

/// A port on which nobody listens.
pub(crate) async fn closed_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port()
}

/// A network that goes to this machine, whatever the name, and trusts the test's authority.
pub(crate) struct World(Arc<Plain>);

struct Plain(TlsConnector);

impl World {
    pub(crate) fn trusting(authority: &Authority) -> Self {
        Self::with([authority.der.clone()])
    }

    pub(crate) fn trusting_nobody() -> Self {
        Self::with([])
    }

    fn with(authorities: impl IntoIterator<Item = CertificateDer<'static>>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(authorities);
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let configuration = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        Self(Arc::new(Plain(TlsConnector::from(Arc::new(configuration)))))
    }

    /// Sends a mail through an account with these members.
    pub(crate) async fn send(
        &self,
        configuration: Value,
        to: &[&str],
        content: &str,
    ) -> Result<MailReceipt, SendError> {
        let configuration = Configuration(serde_json::from_value(configuration).unwrap());
        let provider = find("smtp").unwrap();
        let connection =
            provider.connect(&configuration, Mode::Production, None, Arc::clone(&self.0) as _).map_err(|_| ()).unwrap();
        let to: Vec<String> = to.iter().map(|address| (*address).to_owned()).collect();
        let mail = OutgoingMail {
            from: "billing@example.com",
            to: &to,
            subject: "Alert",
            text: content,
            html: content,
            whole: content.as_bytes(),
        };
        connection.mailer().unwrap().send_mail(&mail).await
    }

    pub(crate) async fn test(&self, configuration: Value) -> TestReport {
        let configuration = Configuration(serde_json::from_value(configuration).unwrap());
        let provider = find("smtp").unwrap();
        test_connection(provider, &configuration, Mode::Production, None, Arc::clone(&self.0) as _).await
    }
}

fn failed(error_type: ErrorType, error: impl std::fmt::Display) -> HttpFailure {
    HttpFailure::new(error_type, error.to_string())
}

#[async_trait]
impl Network for Plain {
    async fn send(&self, _request: HttpRequest) -> Result<HttpResponse, HttpFailure> {
        Err(failed(ErrorType::BlockedAddress, "these tests make no HTTP calls"))
    }

    async fn dial(&self, _host: &str, port: u16) -> Result<TcpStream, HttpFailure> {
        TcpStream::connect(("127.0.0.1", port)).await.map_err(|error| failed(ErrorType::ConnectionRefused, error))
    }

    async fn start_tls(&self, host: &str, stream: TcpStream) -> Result<TlsStream<TcpStream>, HttpFailure> {
        let name = ServerName::try_from(host.to_owned()).map_err(|error| failed(ErrorType::TlsError, error))?;
        self.0.connect(name, stream).await.map_err(|error| failed(ErrorType::TlsError, error))
    }
}

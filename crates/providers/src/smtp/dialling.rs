//! Reaching a mail server: the connection, and TLS on it, with what their failures mean.

use std::time::Duration;

use simpul_core::error_type::ErrorType;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::client::TlsStream;
use tokio_rustls::rustls::ProtocolVersion;

use super::{Account, Encryption};
use crate::http_answer::unreachable;
use crate::smtp_dialogue::{Broken, Dialogue};
use crate::steps::TestFailure;

const CONNECT_LIMIT: Duration = Duration::from_secs(5);
const TLS_LIMIT: Duration = Duration::from_secs(5);
/// A server that speaks without TLS greets at once; how long to look for that after TLS failed.
const SECOND_LOOK: Duration = Duration::from_secs(1);

impl Account {
    /// Opens the connection.
    ///
    /// # Errors
    /// Name resolution, refusal, time, or a forbidden address.
    pub(super) async fn dial(&self, deadline: Instant) -> Result<TcpStream, TestFailure> {
        let until = deadline.min(Instant::now() + CONNECT_LIMIT);
        let failure = match timeout_at(until, self.network.dial(&self.host, self.port)).await {
            Ok(Ok(stream)) => return Ok(stream),
            Ok(Err(failure)) => unreachable(&self.label(), &failure),
            Err(_) => TestFailure::new(
                ErrorType::Timeout,
                format!("{} did not accept the connection in time", self.label()),
                "",
            ),
        };
        let hint = match failure.error_type {
            ErrorType::Timeout | ErrorType::ConnectionRefused | ErrorType::ConnectionReset => {
                "Check host and port, and the firewall: many hosting companies block port 25, and some all mail ports."
            }
            _ => return Err(failure),
        };
        Err(TestFailure { hint: hint.to_owned(), ..failure })
    }

    /// Starts TLS and checks the certificate against the configured host.
    ///
    /// # Errors
    /// The handshake failed, the certificate does not hold, or the port does not speak TLS.
    pub(super) async fn secure(
        &self,
        stream: TcpStream,
        deadline: Instant,
    ) -> Result<TlsStream<TcpStream>, TestFailure> {
        let until = deadline.min(Instant::now() + TLS_LIMIT);
        let failure = match timeout_at(until, self.network.start_tls(&self.host, stream)).await {
            Ok(Ok(secured)) => return Ok(secured),
            Ok(Err(failure)) => failure,
            Err(_) => {
                return Err(TestFailure::new(
                    ErrorType::Timeout,
                    "The mail server did not complete the TLS handshake in time",
                    "The port may begin without TLS: choose starttls, or port 465 for implicit TLS.",
                ));
            }
        };
        let is_about_certificate = failure.message.to_ascii_lowercase().contains("certificate");
        if self.encryption == Encryption::Tls && !is_about_certificate && self.greets_without_tls(deadline).await {
            return Err(TestFailure::new(
                ErrorType::TlsError,
                "The mail server answered without TLS where TLS was expected",
                "The port begins without TLS: choose encryption starttls.",
            ));
        }
        let message = format!("{} could not be reached by TLS: {}", self.label(), failure.message);
        let hint = tls_hint(&failure.message);
        Err(TestFailure::new(failure.error_type, message, hint))
    }

    fn label(&self) -> String {
        format!("The mail server {}:{}", self.host, self.port)
    }

    /// Whether a new connection is greeted in plain text.
    async fn greets_without_tls(&self, deadline: Instant) -> bool {
        let until = deadline.min(Instant::now() + SECOND_LOOK);
        let Ok(Ok(stream)) = timeout_at(until, self.network.dial(&self.host, self.port)).await else {
            return false;
        };
        // A refusal in SMTP's words is in plain text as well.
        !matches!(
            Dialogue::new(stream, until).reply(SECOND_LOOK).await,
            Err(Broken::NotSmtp(_) | Broken::TimedOut | Broken::Closed | Broken::Reset)
        )
    }
}

fn tls_hint(message: &str) -> &'static str {
    let message = message.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    if says(&["expired", "not valid after"]) {
        "The server's certificate has run out. Ask who runs the server to renew it; check this server's clock too."
    } else if says(&["name", "not valid for"]) {
        "Enter the host name that the certificate is made out for."
    } else if says(&["issuer", "self-signed", "self signed", "unknown authority", "causedasendentity", "badsignature"]) {
        "The certificate is not from a public authority. Have the server send its whole chain, or let the operator add the \
         issuing certificate with SIMPUL_EXTRA_CA_FILE."
    } else {
        "Check the server's certificate and TLS versions, and that nothing in between breaks TLS open."
    }
}

/// The protocol's name as people write it.
pub(super) fn tls_version(stream: &TlsStream<TcpStream>) -> &'static str {
    match stream.get_ref().1.protocol_version() {
        Some(ProtocolVersion::TLSv1_3) => "TLS 1.3",
        Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
        _ => "TLS",
    }
}

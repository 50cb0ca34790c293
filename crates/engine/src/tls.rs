//! One TLS configuration for every outgoing connection: the system's certificates, and what the operator adds.

use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use rustls::{ClientConfig, RootCertStore};

/// The certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TrustError {
    #[error("holds no certificate that can be read (PEM is expected)")]
    Unreadable,
    #[error("TLS could not be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// Builds the configuration; `extra` is PEM text of certificates trusted in addition.
pub(crate) fn client_config(extra: Option<&[u8]>) -> Result<Arc<ClientConfig>, TrustError> {
    let mut roots = RootCertStore::empty();
    let native = rustls_native_certs::load_native_certs();
    let (known, _) = roots.add_parsable_certificates(native.certs);
    if known == 0 {
        tracing::warn!(
            "no system certificates were found; install the ca-certificates package, or no HTTPS receiver can be verified"
        );
    }
    if let Some(pem) = extra {
        let certificates: Vec<CertificateDer<'static>> =
            CertificateDer::pem_slice_iter(pem).collect::<Result<_, _>>().map_err(|_| TrustError::Unreadable)?;
        let (added, _) = roots.add_parsable_certificates(certificates);
        if added == 0 {
            return Err(TrustError::Unreadable);
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// The same for HTTP, which settles its version in the handshake (ALPN, RFC 7301).
pub(crate) fn with_http_protocols(config: &ClientConfig) -> Arc<ClientConfig> {
    let mut config = config.clone();
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Arc::new(config)
}

/// What is wrong with a certificate, in plain words.
pub(crate) fn explain(error: &rustls::Error) -> String {
    use rustls::CertificateError as Certificate;
    match error {
        rustls::Error::InvalidCertificate(certificate) => match certificate {
            Certificate::Expired | Certificate::ExpiredContext { .. } => "the certificate has expired".to_owned(),
            Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => {
                "the certificate is not valid yet".to_owned()
            }
            Certificate::UnknownIssuer => {
                "the certificate was issued by nobody known here (self-signed, or its chain is incomplete)".to_owned()
            }
            Certificate::NotValidForName | Certificate::NotValidForNameContext { .. } => {
                "the certificate belongs to another host name".to_owned()
            }
            Certificate::Revoked => "the certificate was revoked".to_owned(),
            Certificate::Other(_) => "the certificate cannot be used for a server (often self-signed)".to_owned(),
            other => format!("the certificate is not valid ({other})"),
        },
        rustls::Error::InvalidMessage(_) => "the other side does not speak TLS on this port".to_owned(),
        rustls::Error::AlertReceived(alert) => format!("the other side refused TLS ({alert:?})"),
        other => format!("TLS failed ({other})"),
    }
}

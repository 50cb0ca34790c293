//! What went wrong, found from an error's chain of causes by type, never by its text.

use std::error::Error;
use std::io;
use std::time::Duration;

use hyper_util::client::legacy;
use simpul_core::error_type::ErrorType;
use simpul_providers::HttpFailure;

use crate::tls;

pub(super) fn failure(error_type: ErrorType, message: &str) -> HttpFailure {
    HttpFailure::new(error_type, message.to_owned())
}

pub(super) fn timed_out(deadline: Duration) -> HttpFailure {
    failure(ErrorType::Timeout, &format!("no complete answer within {} seconds", deadline.as_secs()))
}

/// Why a request had no answer. What the connector found is passed on as it is.
pub(super) fn classify(error: &legacy::Error) -> HttpFailure {
    let mut cause = error.source();
    while let Some(current) = cause {
        if let Some(found) = current.downcast_ref::<HttpFailure>() {
            return found.clone();
        }
        if let Some(found) = current.downcast_ref::<rustls::Error>() {
            return failure(ErrorType::TlsError, &tls::explain(found));
        }
        if let Some(found) =
            current.downcast_ref::<io::Error>().and_then(|error| classify_tls(error).or_else(|| classify_io(error)))
        {
            return found;
        }
        if let Some(found) = current.downcast_ref::<hyper::Error>().and_then(classify_http) {
            return found;
        }
        cause = current.source();
    }
    failure(ErrorType::ConnectionReset, "the connection broke off before an answer arrived")
}

fn classify_http(error: &hyper::Error) -> Option<HttpFailure> {
    let garbled = |message| Some(failure(ErrorType::UnexpectedResponse, message));
    if error.is_parse_too_large() {
        return garbled("the head of the answer is too large (more than 64 KiB, or 100 headers)");
    }
    if error.is_parse() || speaks_unasked(error) {
        return garbled("the answer is not HTTP; check the port and whether the URL needs https://");
    }
    None
}

/// Whether the other side sent something before it was asked, as servers of mail and others do. hyper has no question for it:
/// it is the one kind that has no cause and answers no other question.
fn speaks_unasked(error: &hyper::Error) -> bool {
    let is_another = error.is_parse()
        || error.is_user()
        || error.is_canceled()
        || error.is_closed()
        || error.is_incomplete_message()
        || error.is_shutdown()
        || error.is_timeout();
    error.source().is_none() && !is_another
}

/// Why a TLS handshake failed.
pub(super) fn classify_handshake(error: &io::Error) -> HttpFailure {
    classify_tls(error)
        .or_else(|| classify_io(error))
        .unwrap_or_else(|| failure(ErrorType::TlsError, "the connection broke off during the TLS handshake"))
}

/// What TLS found wrong, which it hides inside an error of the connection.
pub(super) fn classify_tls(error: &io::Error) -> Option<HttpFailure> {
    let inner = error.get_ref()?.downcast_ref::<rustls::Error>()?;
    Some(failure(ErrorType::TlsError, &tls::explain(inner)))
}

/// What this machine says when it has run out of what a connection takes.
const OURS: [i32; 5] = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM, libc::EADDRNOTAVAIL];

pub(super) fn classify_io(error: &io::Error) -> Option<HttpFailure> {
    use io::ErrorKind as Kind;
    if error.raw_os_error().is_some_and(|code| OURS.contains(&code)) {
        let message = "this machine cannot open another connection now (file descriptors, ports or memory are used up)";
        return Some(HttpFailure { is_ours: true, ..failure(ErrorType::ConnectionRefused, message) });
    }
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

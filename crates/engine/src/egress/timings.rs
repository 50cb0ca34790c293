//! How long each stage of an exchange took, and how the connector tells the exchange that it connects for.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::CONNECT_TIMEOUT;

/// The stages of one exchange. `dns`, `connect` and `tls` are of the connection that was opened for it: absent where a kept
/// connection was used, where the stage was not needed (an address in the URL, plain HTTP), or where it was not finished.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Resolving the name.
    pub dns: Option<Duration>,
    /// Opening the TCP connection, addresses that failed before the one that answered included.
    pub connect: Option<Duration>,
    /// The TLS handshake.
    pub tls: Option<Duration>,
    /// From the start of the exchange to the head of the answer.
    pub first_byte: Option<Duration>,
    /// The whole exchange, the body's last byte that was read included.
    pub total: Duration,
}

/// What is known of a connection in the making.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Stages {
    pub(super) dns: Option<Duration>,
    pub(super) connect: Option<Duration>,
    pub(super) tls: Option<Duration>,
    /// Where TCP is connected to.
    pub(super) remote_address: Option<SocketAddr>,
}

/// Shared by one sending of a request and the connector, as far as it opens a connection for that sending. The connection keeps it,
/// so that another request that finds the connection in the pool can tell that it was not opened for itself.
#[derive(Debug)]
pub(super) struct Trace {
    /// When the connection has to be ready.
    pub(super) deadline: Instant,
    stages: Mutex<Stages>,
}

tokio::task_local! {
    static CURRENT: Arc<Trace>;
}

impl Trace {
    pub(super) fn until(deadline: Instant) -> Arc<Self> {
        Arc::new(Self { deadline, stages: Mutex::default() })
    }

    /// The trace of the sending that polls the caller; a connector reads it when it is called, before it first waits.
    pub(super) fn current() -> Arc<Self> {
        CURRENT.try_with(Arc::clone).unwrap_or_else(|_| Self::until(Instant::now() + CONNECT_TIMEOUT))
    }

    /// Runs a sending whose connector finds this trace as the current one.
    pub(super) async fn while_connecting<F: Future>(self: Arc<Self>, sending: F) -> F::Output {
        CURRENT.scope(self, sending).await
    }

    pub(super) fn stages(&self) -> Stages {
        *self.lock()
    }

    pub(super) fn note(&self, change: impl FnOnce(&mut Stages)) {
        change(&mut self.lock());
    }

    fn lock(&self) -> MutexGuard<'_, Stages> {
        self.stages.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! How far an exchange has come: what can be told of it at any moment, also when the deadline cuts it off.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http::{Extensions, Request};
use hyper_util::client::legacy::connect::{CaptureConnection, Connected, capture_connection};
use tokio::time::Instant;

use super::timings::{Stages, Timings, Trace};
use super::wire::Origin;
use super::{CONNECT_TIMEOUT, MARGIN};

/// Follows one exchange.
pub(super) struct Progress {
    started: Instant,
    deadline: Instant,
    first_byte: Option<Duration>,
    /// The latest sending: what its connector notes, and the connection that it went out on.
    sending: Option<(Arc<Trace>, CaptureConnection)>,
}

impl Progress {
    pub(super) fn starting(within: Duration) -> Self {
        let started = Instant::now();
        Self { started, deadline: started + within, first_byte: None, sending: None }
    }

    pub(super) fn deadline(&self) -> Instant {
        self.deadline
    }

    /// Makes the trace for one sending, and asks the pool to tell which connection it takes.
    pub(super) fn watch<B>(&mut self, request: &mut Request<B>) -> Arc<Trace> {
        let trace = Trace::until((self.deadline - MARGIN).min(Instant::now() + CONNECT_TIMEOUT));
        self.sending = Some((Arc::clone(&trace), capture_connection(request)));
        trace
    }

    pub(super) fn head_arrived(&mut self) {
        self.first_byte = Some(self.started.elapsed());
    }

    /// Whether the latest sending went out on a connection that was opened for an earlier one.
    pub(super) fn used_kept_connection(&self) -> bool {
        self.sending.as_ref().is_some_and(|(trace, captured)| {
            origin(captured).is_some_and(|origin| !Arc::ptr_eq(&origin.opened_for, trace))
        })
    }

    /// Has no further request sent on the connection, when no answer came: over HTTP/2 many share one, and it may be dead.
    pub(super) fn distrust_connection(&self) {
        if self.first_byte.is_none()
            && let Some((_, captured)) = &self.sending
        {
            captured.connection_metadata().as_ref().inspect(|connected| connected.poison());
        }
    }

    /// Where the request went, and how long what took.
    pub(super) fn finish(self) -> (Option<SocketAddr>, Timings) {
        let kept = self.used_kept_connection();
        let stages = match self.sending {
            Some((_, captured)) if kept => Stages {
                remote_address: origin(&captured).and_then(|origin| origin.opened_for.stages().remote_address),
                ..Stages::default()
            },
            Some((trace, _)) => trace.stages(),
            None => Stages::default(),
        };
        let Stages { dns, connect, tls, remote_address } = stages;
        let timings = Timings { dns, connect, tls, first_byte: self.first_byte, total: self.started.elapsed() };
        (remote_address, timings)
    }
}

fn origin(captured: &CaptureConnection) -> Option<Origin> {
    let mut extras = Extensions::new();
    captured.connection_metadata().as_ref().inspect(|connected: &&Connected| connected.get_extras(&mut extras));
    extras.remove::<Origin>()
}

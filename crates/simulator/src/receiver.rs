//! A receiver of webhooks: what a partner's server would be. It records what comes and behaves as it is told.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use simpul_core::signature;
use simpul_core::time::Timestamp;

/// Requests kept under each name; the oldest go first.
pub const KEPT_REQUESTS: usize = 1_000;
/// Names kept; a request to one more is answered but not recorded.
const KEPT_NAMES: usize = 1_000;
/// Age of a `webhook-timestamp` past which Standard Webhooks has receivers refuse, in seconds.
const TOLERANCE_SECONDS: i64 = 300;

/// How a receiver answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Behaviour {
    #[default]
    Accept,
    /// Any status with an empty body.
    Status(u16),
    /// 503 with `Retry-After`.
    Unavailable { retry_after_seconds: u32 },
    /// 410: disables the webhook.
    Gone,
    /// 200 after this long; `None` is the simulator's default.
    Slow(Option<Duration>),
    /// 307 to another path.
    Redirect,
    /// The connection is reset without an answer.
    Cut,
    /// 500 for the next requests, this many, then 200.
    FailFirst(u32),
}

/// One request as it came.
#[derive(Debug, Clone)]
pub struct ReceivedRequest {
    pub method: String,
    pub path: String,
    /// Names in lower case, in the order of arrival.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub received_at: Timestamp,
    /// Whether a signature of it was made with the receiver's secret and is fresh; `None` when it has no secret.
    pub verified: Option<bool>,
    /// What was answered; 0 when the connection was cut.
    pub answered: u16,
}

impl ReceivedRequest {
    /// A header's text; `None` when absent.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// How to answer one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reply {
    Status(u16),
    RetryAfter(u32),
    Slow(Option<Duration>),
    Redirect,
    Cut,
}

impl Reply {
    fn status(self) -> u16 {
        match self {
            Self::Status(status) => status,
            Self::RetryAfter(_) => 503,
            Self::Slow(_) => 200,
            Self::Redirect => 307,
            Self::Cut => 0,
        }
    }
}

#[derive(Debug, Default)]
struct Receiver {
    behaviour: Behaviour,
    secret: Option<String>,
    requests: VecDeque<ReceivedRequest>,
    total: u64,
}

/// All receivers by name.
#[derive(Debug, Default)]
pub(crate) struct Receivers(BTreeMap<String, Receiver>);

impl Receivers {
    fn named(&mut self, name: &str) -> Option<&mut Receiver> {
        if !self.0.contains_key(name) && self.0.len() >= KEPT_NAMES {
            return None;
        }
        Some(self.0.entry(name.to_owned()).or_default())
    }

    pub(crate) fn behave(&mut self, name: &str, behaviour: Behaviour) {
        if let Some(receiver) = self.named(name) {
            receiver.behaviour = behaviour;
        }
    }

    pub(crate) fn set_secret(&mut self, name: &str, secret: Option<String>) {
        if let Some(receiver) = self.named(name) {
            receiver.secret = secret;
        }
    }

    pub(crate) fn requests(&self, name: &str) -> Vec<ReceivedRequest> {
        self.0.get(name).map(|receiver| receiver.requests.iter().cloned().collect()).unwrap_or_default()
    }

    pub(crate) fn total(&self, name: &str) -> u64 {
        self.0.get(name).map_or(0, |receiver| receiver.total)
    }

    pub(crate) fn forget(&mut self, name: &str) {
        if let Some(receiver) = self.0.get_mut(name) {
            receiver.requests.clear();
            receiver.total = 0;
        }
    }

    /// Records a request and says how to answer it.
    pub(crate) fn take(&mut self, name: &str, mut request: ReceivedRequest) -> Reply {
        let Some(receiver) = self.named(name) else {
            return Reply::Status(200);
        };
        request.verified = receiver.secret.as_deref().map(|secret| is_verified(secret, &request));
        let reply = match receiver.behaviour {
            Behaviour::Accept => Reply::Status(200),
            Behaviour::Status(status) => Reply::Status(status),
            Behaviour::Unavailable { retry_after_seconds } => Reply::RetryAfter(retry_after_seconds),
            Behaviour::Gone => Reply::Status(410),
            Behaviour::Slow(time) => Reply::Slow(time),
            Behaviour::Redirect => Reply::Redirect,
            Behaviour::Cut => Reply::Cut,
            Behaviour::FailFirst(0) => Reply::Status(200),
            Behaviour::FailFirst(remaining) => {
                receiver.behaviour = Behaviour::FailFirst(remaining - 1);
                Reply::Status(500)
            }
        };
        request.answered = reply.status();
        if receiver.requests.len() >= KEPT_REQUESTS {
            receiver.requests.pop_front();
        }
        receiver.requests.push_back(request);
        receiver.total += 1;
        reply
    }
}

/// Standard Webhooks: the signature holds and its time is within five minutes of ours.
fn is_verified(secret: &str, request: &ReceivedRequest) -> bool {
    let (Some(id), Some(timestamp), Some(header)) =
        (request.header("webhook-id"), request.header("webhook-timestamp"), request.header("webhook-signature"))
    else {
        return false;
    };
    let Ok(timestamp) = timestamp.parse::<i64>() else {
        return false;
    };
    let age = request.received_at.seconds().saturating_sub(timestamp).saturating_abs();
    age <= TOLERANCE_SECONDS && signature::verify(secret, id, timestamp, &request.body, header)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(headers: &[(&str, String)]) -> ReceivedRequest {
        ReceivedRequest {
            method: "POST".into(),
            path: "/receiver/shop".into(),
            headers: headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
            body: b"{}".to_vec(),
            received_at: Timestamp::from_millis(1_000_000),
            verified: None,
            answered: 0,
        }
    }

    #[test]
    fn fails_the_first_times_then_accepts() {
        let mut receivers = Receivers::default();
        receivers.behave("shop", Behaviour::FailFirst(2));
        let answers: Vec<Reply> = (0..3).map(|_| receivers.take("shop", request(&[]))).collect();
        assert_eq!(answers, [Reply::Status(500), Reply::Status(500), Reply::Status(200)]);
    }

    #[test]
    fn keeps_the_last_requests_and_counts_all() {
        let mut receivers = Receivers::default();
        for _ in 0..KEPT_REQUESTS + 5 {
            receivers.take("shop", request(&[]));
        }
        assert_eq!(receivers.requests("shop").len(), KEPT_REQUESTS);
        assert_eq!(receivers.total("shop"), 1_005);
        receivers.forget("shop");
        assert_eq!((receivers.requests("shop").len(), receivers.total("shop")), (0, 0));
    }

    #[test]
    fn an_unsigned_a_stale_and_a_forged_request_are_not_verified() {
        let signed = |timestamp: i64, secret: &str| {
            request(&[
                ("webhook-id", "evt_1".into()),
                ("webhook-timestamp", timestamp.to_string()),
                ("webhook-signature", signature::sign(&[secret], "evt_1", timestamp, b"{}")),
            ])
        };
        let mut receivers = Receivers::default();
        receivers.set_secret("shop", Some("a-good-secret".into()));
        for delivery in
            [request(&[]), signed(600, "a-good-secret"), signed(1_000, "another"), signed(999, "a-good-secret")]
        {
            receivers.take("shop", delivery);
        }
        let verified: Vec<Option<bool>> = receivers.requests("shop").iter().map(|request| request.verified).collect();
        assert_eq!(verified, [Some(false), Some(false), Some(false), Some(true)]);
        receivers.take("unguarded", request(&[]));
        assert_eq!(receivers.requests("unguarded")[0].verified, None);
    }
}

//! Telling our own network's failure from the providers': when providers that have nothing to do with each other fail in the
//! same way within a moment and none succeeds, it is ours, and must count against nobody.
//!
//! A failure to reach a provider is held back while no other provider's test has lately succeeded, for at most [`HOLD`].
//! A success lets everything held go as it is. Enough different providers failing alike make it our own outage: from then on
//! such failures are marked as not counted, until a test succeeds.

use std::collections::BTreeSet;
use std::time::Duration;

use simpul_core::activity::{Activity, Status};
use simpul_core::error_type::ErrorType;
use tokio::time::Instant;

/// How long a suspicious failure waits for others like it.
const HOLD: Duration = Duration::from_secs(15);
/// A success proves the network for so long.
const PROOF: Duration = Duration::from_secs(30);
/// Different providers that must fail alike; all of them, where fewer are in use.
const PROVIDERS: usize = 3;
/// Results that are held back; past it, they count.
const HELD: usize = 1_000;

/// A scheduled test that has ended.
pub(super) struct Probed {
    /// The provider's slug.
    pub(super) provider: String,
    /// How long the provider asked to be left alone.
    pub(super) slow_for: Option<Duration>,
    pub(super) log: Option<Activity>,
}

/// How a test's row is to be written.
#[derive(Debug)]
pub(super) enum Judged {
    Counts(Activity),
    /// Our own network was down: the row is kept, but counts for nothing.
    OurOwn(Activity),
}

/// What is known of our own network.
#[derive(Default)]
pub(super) struct Guard {
    held: Vec<(Instant, String, Activity)>,
    last_success: Option<Instant>,
    is_down: bool,
    providers_in_use: usize,
}

/// The ways to fail that our own network can cause, those that look alike as one.
fn way(log: &Activity) -> Option<ErrorType> {
    match log.error_type.filter(|_| log.status == Status::Failed)? {
        ErrorType::ConnectionRefused | ErrorType::ConnectionReset => Some(ErrorType::ConnectionRefused),
        way @ (ErrorType::DnsError | ErrorType::Timeout) => Some(way),
        _ => None,
    }
}

impl Guard {
    /// Says how many providers have active integrations.
    pub(super) fn know(&mut self, providers_in_use: usize) {
        self.providers_in_use = providers_in_use;
    }

    /// Takes tests that have ended; answers what is to be written now.
    pub(super) fn judge(&mut self, ended: Vec<Probed>, now: Instant) -> Vec<Judged> {
        let mut judged = Vec::new();
        for Probed { provider, log, .. } in ended {
            let Some(log) = log else { continue };
            if way(&log).is_none() {
                // Whoever answers at all, be it with a refusal, proves the network.
                self.is_proved(now, &mut judged);
                judged.push(Judged::Counts(log));
            } else if self.is_down {
                judged.push(Judged::OurOwn(log));
            } else if self.is_certain(now) {
                judged.push(Judged::Counts(log));
            } else {
                self.held.push((now, provider, log));
            }
        }
        if self.fail_alike() {
            tracing::warn!(
                tests = self.held.len(),
                "providers that have nothing to do with each other cannot be reached: our own network seems to be down, and their tests count for nothing until one succeeds"
            );
            self.is_down = true;
            judged.extend(self.held.drain(..).map(|(_, _, log)| Judged::OurOwn(log)));
        }
        let (old, young) = self.held.drain(..).partition(|(since, ..)| now.duration_since(*since) >= HOLD);
        self.held = young;
        judged.extend(counted(old));
        judged
    }

    /// Lets everything go that is held.
    pub(super) fn flush(&mut self) -> Vec<Judged> {
        counted(std::mem::take(&mut self.held)).collect()
    }

    fn is_proved(&mut self, now: Instant, judged: &mut Vec<Judged>) {
        if self.is_down {
            tracing::info!("our own network works again: scheduled tests count");
        }
        (self.last_success, self.is_down) = (Some(now), false);
        judged.extend(self.flush());
    }

    /// Whether a failure needs no second thought.
    fn is_certain(&self, now: Instant) -> bool {
        self.providers_in_use < 2
            || self.held.len() >= HELD
            || self.last_success.is_some_and(|at| now.duration_since(at) < PROOF)
    }

    fn fail_alike(&self) -> bool {
        let needed = self.providers_in_use.clamp(2, PROVIDERS);
        let ways: BTreeSet<ErrorType> = self.held.iter().filter_map(|(_, _, log)| way(log)).collect();
        ways.into_iter().any(|wanted| {
            let alike = self.held.iter().filter(|(_, _, log)| way(log) == Some(wanted));
            alike.map(|(_, provider, _)| provider).collect::<BTreeSet<_>>().len() >= needed
        })
    }
}

fn counted(held: Vec<(Instant, String, Activity)>) -> impl Iterator<Item = Judged> {
    held.into_iter().map(|(_, _, log)| Judged::Counts(log))
}

#[cfg(test)]
mod tests {
    use simpul_core::activity::Action;
    use simpul_core::id::IntegrationId;
    use simpul_core::time::Timestamp;

    use super::*;

    fn probed(provider: &str, error_type: Option<ErrorType>) -> Probed {
        let now = Timestamp::from_millis(1);
        let status = if error_type.is_some() { Status::Failed } else { Status::Success };
        let mut log = Activity::new(IntegrationId::generate(now), Action::Test, status, "tested", now);
        log.error_type = error_type;
        Probed { provider: provider.to_owned(), slow_for: None, log: Some(log) }
    }

    fn counts(judged: &[Judged]) -> (usize, usize) {
        let own = judged.iter().filter(|judged| matches!(judged, Judged::OurOwn(_))).count();
        (judged.len() - own, own)
    }

    fn guard() -> Guard {
        let mut guard = Guard::default();
        guard.know(4);
        guard
    }

    #[test]
    fn three_providers_that_cannot_be_reached_alike_are_our_own_outage() {
        let (mut guard, now) = (guard(), Instant::now());
        let failed = |provider: &str| vec![probed(provider, Some(ErrorType::DnsError))];
        assert!(guard.judge(failed("midtrans"), now).is_empty(), "held back");
        assert!(guard.judge(failed("midtrans"), now).is_empty());
        assert!(guard.judge(failed("stripe"), now).is_empty());
        assert_eq!(counts(&guard.judge(failed("fonnte"), now)), (0, 4));
        assert_eq!(counts(&guard.judge(failed("midtrans"), now)), (0, 1), "while it lasts");
        assert_eq!(counts(&guard.judge(vec![probed("stripe", None)], now)), (1, 0));
        assert_eq!(counts(&guard.judge(failed("midtrans"), now)), (1, 0), "the network is proved");
    }

    #[test]
    fn one_provider_that_is_down_counts_after_a_moment() {
        let (mut guard, now) = (guard(), Instant::now());
        assert!(guard.judge(vec![probed("midtrans", Some(ErrorType::Timeout))], now).is_empty());
        assert!(guard.judge(vec![probed("stripe", Some(ErrorType::DnsError))], now).is_empty(), "in another way");
        assert_eq!(counts(&guard.judge(Vec::new(), now + HOLD)), (2, 0));
    }

    #[test]
    fn a_success_elsewhere_lets_what_is_held_count() {
        let (mut guard, now) = (guard(), Instant::now());
        guard.judge(vec![probed("midtrans", Some(ErrorType::Timeout))], now);
        let refused = vec![probed("stripe", Some(ErrorType::AuthenticationFailed))];
        assert_eq!(counts(&guard.judge(refused, now)), (2, 0), "a refusal came over the network");
    }

    #[test]
    fn with_one_provider_nothing_can_be_told_and_everything_counts() {
        let mut guard = Guard::default();
        guard.know(1);
        let failed = vec![probed("midtrans", Some(ErrorType::Timeout))];
        assert_eq!(counts(&guard.judge(failed, Instant::now())), (1, 0));
    }
}

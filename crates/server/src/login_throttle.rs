//! Slows down guessing of passwords, by e-mail address and by client address, in a fixed amount of memory.
//!
//! Each attempt takes one from both allowances before the password is looked at, so that attempts sent at once do not
//! slip through; a sign-in that succeeds gives the e-mail address its allowance back. Keys fall into a fixed number of
//! slots by a keyed hash: strangers may share one, which costs them at worst a short wait.

use std::hash::{BuildHasher as _, RandomState};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use governor::clock::{Clock, DefaultClock};
use governor::middleware::NoOpMiddleware;
use governor::nanos::Nanos;
use governor::state::StateStore;
use governor::{Quota, RateLimiter};

const SLOTS: usize = 65_536;
/// Attempts on one e-mail address: ten at once, then one every six seconds.
const BY_EMAIL: Quota = Quota::per_minute(AT_ONCE_BY_EMAIL);
const AT_ONCE_BY_EMAIL: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
/// Attempts from one client address: sixty at once, then one a second; an office may share an address.
const BY_ADDRESS: Quota = Quota::per_minute(NonZeroU32::MIN.saturating_add(59));

/// When each slot's allowance will be whole again, as `governor` counts it; zero for an untouched one.
#[derive(Debug, Clone)]
struct Slots(Arc<[AtomicU64]>);

impl Slots {
    fn new() -> Self {
        Self((0..SLOTS).map(|_| AtomicU64::new(0)).collect())
    }

    fn forget(&self, slot: usize) {
        self.0[slot].store(0, Ordering::Release);
    }
}

impl StateStore for Slots {
    type Key = usize;

    fn measure_and_replace<T, F, E>(&self, slot: &usize, decide: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        let slot = &self.0[*slot];
        let mut seen = slot.load(Ordering::Acquire);
        loop {
            let (outcome, next) = decide((seen != 0).then(|| Nanos::from(seen)))?;
            match slot.compare_exchange_weak(seen, next.into(), Ordering::AcqRel, Ordering::Acquire) {
                Ok(_) => return Ok(outcome),
                Err(changed) => seen = changed,
            }
        }
    }
}

type Limiter<C> = RateLimiter<usize, Slots, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// Counts sign-in attempts. One for the process; it takes about a megabyte.
#[derive(Debug)]
pub struct LoginThrottle<C: Clock = DefaultClock> {
    emails: Slots,
    by_email: Limiter<C>,
    by_address: Limiter<C>,
    clock: C,
    hasher: RandomState,
}

impl Default for LoginThrottle {
    fn default() -> Self {
        Self::with_clock(DefaultClock::default())
    }
}

impl<C: Clock + Clone> LoginThrottle<C> {
    #[must_use]
    pub fn with_clock(clock: C) -> Self {
        let emails = Slots::new();
        Self {
            by_email: RateLimiter::new(BY_EMAIL, emails.clone(), clock.clone()),
            by_address: RateLimiter::new(BY_ADDRESS, Slots::new(), clock.clone()),
            emails,
            clock,
            hasher: RandomState::new(),
        }
    }

    /// Takes one attempt. Call it before the password is checked.
    ///
    /// # Errors
    /// How long to wait before the next attempt: the `Retry-After` of a 429.
    pub fn attempt(&self, email: &str, address: IpAddr) -> Result<(), Duration> {
        self.by_address
            .check_key(&self.address_slot(address))
            .map_err(|refused| refused.wait_time_from(self.clock.now()))?;
        self.by_email.check_key(&self.email_slot(email)).map_err(|refused| refused.wait_time_from(self.clock.now()))
    }

    /// Gives an e-mail address its whole allowance back after the right password.
    pub fn succeeded(&self, email: &str) {
        self.emails.forget(self.email_slot(email));
    }

    fn email_slot(&self, email: &str) -> usize {
        self.slot(self.hasher.hash_one(email.trim().to_lowercase()))
    }

    /// IPv6 clients are counted by their /64, which is what one subscriber is given.
    fn address_slot(&self, address: IpAddr) -> usize {
        self.slot(match address.to_canonical() {
            IpAddr::V4(address) => self.hasher.hash_one(address),
            IpAddr::V6(address) => self.hasher.hash_one(&address.segments()[..4]),
        })
    }

    fn slot(&self, hash: u64) -> usize {
        usize::try_from(hash % SLOTS as u64).unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use governor::clock::FakeRelativeClock;

    use super::*;

    const HOME: IpAddr = IpAddr::V4(std::net::Ipv4Addr::new(203, 0, 113, 7));

    #[test]
    fn the_eleventh_guess_at_one_address_waits_whoever_sends_it() {
        let clock = FakeRelativeClock::default();
        let throttle = LoginThrottle::with_clock(clock.clone());
        for _ in 0..10 {
            assert_eq!(throttle.attempt("admin@example.com", HOME), Ok(()));
        }
        let elsewhere = "198.51.100.9".parse().unwrap();
        let wait = throttle.attempt(" Admin@Example.com", elsewhere).unwrap_err();
        assert!(wait > Duration::ZERO && wait <= Duration::from_secs(6), "{wait:?}");
        clock.advance(wait);
        assert_eq!(throttle.attempt("admin@example.com", HOME), Ok(()));
        assert!(throttle.attempt("admin@example.com", HOME).is_err());
    }

    #[test]
    fn the_right_password_restores_the_allowance() {
        let throttle = LoginThrottle::with_clock(FakeRelativeClock::default());
        for _ in 0..40 {
            assert_eq!(throttle.attempt("admin@example.com", HOME), Ok(()));
            throttle.succeeded("admin@example.com");
        }
    }

    #[test]
    fn one_client_cannot_go_through_many_addresses() {
        let throttle = LoginThrottle::with_clock(FakeRelativeClock::default());
        let neighbours = ["2001:db8::1".parse().unwrap(), "2001:db8::ffff:1".parse().unwrap()];
        let taken = (0..200).filter(|n| throttle.attempt(&format!("user{n}@example.com"), neighbours[n % 2]).is_ok());
        assert_eq!(taken.count(), 60);
    }
}

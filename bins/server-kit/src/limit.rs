//! Rate limits by key: one for callers, one for what they call, one for those who are not who they say.

use std::{
    num::NonZeroU32,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use axum::http::StatusCode;
use governor::{
    DefaultKeyedRateLimiter, Quota, RateLimiter,
    clock::{Clock as _, DefaultClock},
};

use crate::problem::Problem;

pub use failures::Failures;
pub use peer::{HasPeerLimit, PeerLimit, limit_peers, network};

mod failures;
mod peer;

/// So many requests a second for each key, with bursts of twice that.
///
/// ```
/// use server_kit::limit::RateLimit;
///
/// let limit = RateLimit::per_second(1);
/// assert!(limit.check("alice").is_ok());
/// assert!(limit.check("alice").is_ok());
/// assert!(limit.check("alice").is_err());
/// assert!(limit.check("bob").is_ok());
/// ```
#[derive(Debug)]
pub struct RateLimit {
    limiter: Option<DefaultKeyedRateLimiter<String>>,
    clock: DefaultClock,
    checks: AtomicU32,
}

/// How many checks lie between two looks for keys that have their whole burst again, and need not be
/// kept in mind.
const FORGET: u32 = 4096;

/// The caller asked too often.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("too many requests")]
pub struct TooMany {
    wait: Duration,
}

impl TooMany {
    /// Whole seconds after which another try makes sense, at least one.
    pub fn retry_after(self) -> u64 {
        self.wait.as_secs().saturating_add(1)
    }
}

impl RateLimit {
    /// A limit of `rate` requests a second for each key; zero is no limit.
    pub fn per_second(rate: u32) -> Self {
        let quota =
            |rate: NonZeroU32| Quota::per_second(rate).allow_burst(rate.saturating_add(rate.get()));
        Self {
            limiter: NonZeroU32::new(rate).map(|rate| RateLimiter::keyed(quota(rate))),
            clock: DefaultClock::default(),
            checks: AtomicU32::new(0),
        }
    }

    /// Counts a request of `key`.
    ///
    /// # Errors
    /// The key has used up its burst and its rate.
    pub fn check(&self, key: &str) -> Result<(), TooMany> {
        let Some(limiter) = &self.limiter else {
            return Ok(());
        };
        if self.checks.fetch_add(1, Ordering::Relaxed) % FORGET == FORGET - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        limiter
            .check_key(&key.to_owned())
            .map_err(|not_until| TooMany {
                wait: not_until.wait_time_from(self.clock.now()),
            })
    }
}

impl From<TooMany> for Problem {
    fn from(too_many: TooMany) -> Self {
        let problem = Self::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too_many_requests",
            too_many.to_string(),
        );
        problem.retry_after(too_many.retry_after())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_its_burst_and_then_waits() {
        let limit = RateLimit::per_second(1);
        assert_eq!(limit.check("a"), Ok(()));
        assert_eq!(limit.check("a"), Ok(()));
        let refused = limit.check("a").unwrap_err();
        assert_eq!(refused.retry_after(), 1);
    }

    #[test]
    fn one_key_does_not_use_up_another() {
        let limit = RateLimit::per_second(1);
        while limit.check("a").is_ok() {}
        assert_eq!(limit.check("b"), Ok(()));
    }

    #[test]
    fn keys_that_are_quiet_again_are_forgotten() {
        let limit = RateLimit::per_second(u32::MAX);
        for key in 0..10 * FORGET {
            assert_eq!(limit.check(&key.to_string()), Ok(()));
        }
        assert!(limit.limiter.unwrap().len() < 2 * usize::try_from(FORGET).unwrap());
    }

    #[test]
    fn zero_is_no_limit() {
        let limit = RateLimit::per_second(0);
        assert!((0..10_000).all(|_| limit.check("a").is_ok()));
    }
}

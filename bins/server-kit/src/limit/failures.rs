//! A limit on failures alone: whoever fails holds up nobody who succeeds.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{TooMany, peer::network};
use crate::listen::Peer;

/// How often one network peer may fail to show that it is a certain caller: a burst, and then one more each
/// second. Whether it may try is asked first, and what fails is counted; what succeeds costs nothing.
///
/// ```
/// use server_kit::limit::Failures;
/// use server_kit::listen::Peer;
///
/// let failures = Failures::burst(2);
/// let (stranger, shop) = ("192.0.2.1:9".parse()?, "198.51.100.7:9".parse()?);
/// let (stranger, shop) = (Peer::tcp(stranger), Peer::tcp(shop));
/// for _ in 0..2 {
///     failures.check(Some(&stranger), "shop")?;
///     failures.count(Some(&stranger), "shop");
/// }
/// assert!(failures.check(Some(&stranger), "shop").is_err());
/// assert!(failures.check(Some(&shop), "shop").is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Failures {
    burst: u32,
    /// When the failures of each will be forgotten, one a second.
    forgotten: Mutex<HashMap<String, Instant>>,
}

impl Failures {
    /// So many failures at once, and one more a second; zero is no limit.
    pub fn burst(burst: u32) -> Self {
        Self {
            burst,
            forgotten: Mutex::default(),
        }
    }

    /// No limit, for tests.
    pub fn unlimited() -> Self {
        Self::burst(0)
    }

    /// Whether the peer may try to be `name`. A unix socket's other end is a proxy, which is not one peer.
    ///
    /// # Errors
    /// It has failed too often.
    pub fn check(&self, peer: Option<&Peer>, name: &str) -> Result<(), TooMany> {
        self.check_at(peer, name, Instant::now())
    }

    /// Counts that the peer is not `name`.
    pub fn count(&self, peer: Option<&Peer>, name: &str) {
        self.count_at(peer, name, Instant::now());
    }

    fn check_at(&self, peer: Option<&Peer>, name: &str, now: Instant) -> Result<(), TooMany> {
        let Some(key) = self.key(peer, name) else {
            return Ok(());
        };
        let forgotten = self.forgotten();
        let left = forgotten
            .get(&key)
            .map(|until| until.saturating_duration_since(now));
        let full = EACH.saturating_mul(self.burst.saturating_sub(1));
        match left.and_then(|left| left.checked_sub(full)) {
            Some(wait) if wait > Duration::ZERO => Err(TooMany { wait }),
            _ => Ok(()),
        }
    }

    fn count_at(&self, peer: Option<&Peer>, name: &str, now: Instant) {
        let Some(key) = self.key(peer, name) else {
            return;
        };
        let mut forgotten = self.forgotten();
        if forgotten.len() >= MANY {
            forgotten.retain(|_, until| *until > now);
        }
        let until = forgotten.entry(key).or_insert(now);
        *until = (*until).max(now) + EACH;
    }

    fn key(&self, peer: Option<&Peer>, name: &str) -> Option<String> {
        let ip = peer.and_then(Peer::ip)?;
        (self.burst > 0).then(|| format!("{} {name}", network(ip)))
    }

    fn forgotten(&self) -> std::sync::MutexGuard<'_, HashMap<String, Instant>> {
        self.forgotten
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

/// How long each failure counts.
const EACH: Duration = Duration::from_secs(1);
/// From so many on, those are looked for that need not be kept in mind.
const MANY: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(text: &str) -> Peer {
        Peer::tcp(text.parse().unwrap())
    }

    #[test]
    fn whoever_has_failed_often_waits_and_nobody_else_does() {
        let (failures, now) = (Failures::burst(3), Instant::now());
        let (stranger, other) = (peer("192.0.2.1:1"), peer("192.0.2.2:1"));
        for _ in 0..3 {
            assert_eq!(failures.check_at(Some(&stranger), "rp", now), Ok(()));
            failures.count_at(Some(&stranger), "rp", now);
        }
        let refused = failures.check_at(Some(&stranger), "rp", now).unwrap_err();
        assert_eq!(refused.retry_after(), 2);
        assert_eq!(failures.check_at(Some(&other), "rp", now), Ok(()));
        assert_eq!(failures.check_at(Some(&stranger), "other", now), Ok(()));
        assert_eq!(failures.check_at(None, "rp", now), Ok(()));
        let later = now + EACH;
        assert_eq!(failures.check_at(Some(&stranger), "rp", later), Ok(()));
        failures.count_at(Some(&stranger), "rp", later);
        assert!(failures.check_at(Some(&stranger), "rp", later).is_err());
    }

    #[test]
    fn failures_that_are_over_are_forgotten() {
        let (failures, now) = (Failures::burst(3), Instant::now());
        let stranger = peer("192.0.2.1:1");
        for name in 0..MANY {
            failures.count_at(Some(&stranger), &name.to_string(), now);
        }
        failures.count_at(Some(&stranger), "rp", now + EACH);
        assert_eq!(failures.forgotten().len(), 1);
    }

    #[test]
    fn without_a_limit_nothing_is_kept_in_mind() {
        let failures = Failures::unlimited();
        failures.count(Some(&peer("192.0.2.1:1")), "rp");
        assert_eq!(failures.forgotten().len(), 0);
    }
}

//! A limit on failures alone: whoever fails holds up nobody who succeeds.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{TooMany, peer::network};
use crate::listen::Peer;

/// How often one network peer is told that it is not a certain caller: a burst, and then one more each second.
/// Only who has failed is counted and, if that was too often, put off; who succeeds is never asked about.
///
/// A guess that is right is thus let in however many were wrong, so this guards nothing that can be guessed: it is
/// for secrets of 128 random bits and more, where it spares the log and tells an operator's script what is amiss.
///
/// ```
/// use server_kit::limit::Failures;
/// use server_kit::listen::Peer;
///
/// let failures = Failures::burst(2);
/// let (stranger, shop) = ("192.0.2.1:9".parse()?, "198.51.100.7:9".parse()?);
/// let (stranger, shop) = (Peer::tcp(stranger), Peer::tcp(shop));
/// for _ in 0..2 {
///     failures.count(Some(&stranger), "shop")?;
/// }
/// assert!(failures.count(Some(&stranger), "shop").is_err());
/// assert!(failures.count(Some(&shop), "shop").is_ok());
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

    /// Counts that the peer is not `name`. A unix socket's other end is a proxy, which is not one peer.
    ///
    /// # Errors
    /// It has failed too often: then this failure is not counted any more.
    pub fn count(&self, peer: Option<&Peer>, name: &str) -> Result<(), TooMany> {
        self.count_at(peer, name, Instant::now())
    }

    fn count_at(&self, peer: Option<&Peer>, name: &str, now: Instant) -> Result<(), TooMany> {
        let Some(key) = self.key(peer, name) else {
            return Ok(());
        };
        let mut forgotten = self.forgotten();
        if forgotten.len() >= MANY {
            forgotten.retain(|_, until| *until > now);
        }
        let until = forgotten.entry(key).or_insert(now);
        let full = EACH.saturating_mul(self.burst.saturating_sub(1));
        let wait = until.saturating_duration_since(now).saturating_sub(full);
        if wait > Duration::ZERO {
            return Err(TooMany { wait });
        }
        *until = (*until).max(now) + EACH;
        Ok(())
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
            assert_eq!(failures.count_at(Some(&stranger), "rp", now), Ok(()));
        }
        let refused = || failures.count_at(Some(&stranger), "rp", now).unwrap_err();
        assert_eq!(refused().retry_after(), 2);
        assert_eq!(refused().retry_after(), 2, "what is put off is not counted");
        assert_eq!(failures.count_at(Some(&other), "rp", now), Ok(()));
        assert_eq!(failures.count_at(Some(&stranger), "other", now), Ok(()));
        assert_eq!(failures.count_at(None, "rp", now), Ok(()));
        let later = now + EACH;
        assert_eq!(failures.count_at(Some(&stranger), "rp", later), Ok(()));
        assert!(failures.count_at(Some(&stranger), "rp", later).is_err());
    }

    #[test]
    fn failures_that_are_over_are_forgotten() {
        let (failures, now) = (Failures::burst(3), Instant::now());
        let stranger = peer("192.0.2.1:1");
        for name in 0..MANY {
            let counted = failures.count_at(Some(&stranger), &name.to_string(), now);
            assert_eq!(counted, Ok(()));
        }
        let counted = failures.count_at(Some(&stranger), "rp", now + EACH);
        assert_eq!(counted, Ok(()));
        assert_eq!(failures.forgotten().len(), 1);
    }

    #[test]
    fn without_a_limit_nothing_is_kept_in_mind() {
        let failures = Failures::unlimited();
        let counted = failures.count(Some(&peer("192.0.2.1:1")), "rp");
        assert_eq!(counted, Ok(()));
        assert_eq!(failures.forgotten().len(), 0);
    }
}

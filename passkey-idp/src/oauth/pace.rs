//! How often a client may ask whether a user has answered.

use serde::{Deserialize, Serialize};

use crate::{Duration, Instant};

/// The pace of a client that polls (RFC 8628 §3.5, CIBA §7.3): who asks too soon waits five seconds
/// longer from then on.
///
/// ```
/// use passkey_idp::oauth::Pace;
/// use passkey_idp::{Duration, Instant};
///
/// let (pace, now) = (Pace::new(Duration::from_seconds(5)), Instant::from_unix_seconds(1_800_000_000));
/// let first = pace.asked(now);
/// assert!(!pace.is_too_soon(now));
/// assert!(first.is_too_soon(now.plus(Duration::from_seconds(4))));
/// assert!(!first.is_too_soon(now.plus(Duration::from_seconds(5))));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    interval: Duration,
    asked_at: Option<Instant>,
}

impl Pace {
    /// Asking every `interval`.
    pub const fn new(interval: Duration) -> Self {
        Self {
            interval,
            asked_at: None,
        }
    }

    /// The pace after the client has asked at `now`.
    #[must_use]
    pub fn asked(self, now: Instant) -> Self {
        let more = if self.is_too_soon(now) {
            SLOWER
        } else {
            Duration::default()
        };
        let interval = self.interval.as_millis().saturating_add(more.as_millis());
        Self {
            interval: Duration::from_millis(interval),
            asked_at: Some(now),
        }
    }

    /// How long it has to wait between two questions.
    pub const fn interval(self) -> Duration {
        self.interval
    }

    /// Whether a question at `now` comes too soon.
    pub fn is_too_soon(self, now: Instant) -> bool {
        self.asked_at
            .is_some_and(|before| now < before.plus(self.interval))
    }
}

const SLOWER: Duration = Duration::from_seconds(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_asks_too_soon_waits_longer_each_time() {
        let at = |seconds: u64| Instant::from_unix_seconds(1_800_000_000 + seconds);
        let mut pace = Pace::new(Duration::from_seconds(5));
        let mut intervals = Vec::new();
        for seconds in [0, 5, 6, 7, 22] {
            pace = pace.asked(at(seconds));
            intervals.push(pace.interval().as_seconds());
        }
        assert_eq!(intervals, [5, 5, 10, 15, 15]);
    }
}

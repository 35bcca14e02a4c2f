//! How often a client may ask whether a user has answered.

use serde::{Deserialize, Serialize};

use super::{ErrorCode, OAuthError};
use crate::{Duration, Instant};

/// The pace of a client that polls (RFC 8628 §3.5, CIBA §7.3): who asks too soon waits five seconds
/// longer from then on.
///
/// ```
/// use passkey_idp::oauth::{ErrorCode, Pace};
/// use passkey_idp::{Duration, Instant};
///
/// let (pace, now) = (Pace::new(Duration::from_seconds(5)), Instant::from_unix_seconds(1_800_000_000));
/// let (told, pace) = pace.asked(now);
/// assert_eq!(told.code, ErrorCode::AuthorizationPending);
/// let (told, pace) = pace.asked(now.plus(Duration::from_seconds(4)));
/// assert_eq!(told.code, ErrorCode::SlowDown);
/// assert_eq!(pace.interval(), Duration::from_seconds(10));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pace {
    interval: Duration,
    asked_at: Option<Instant>,
}

impl Pace {
    /// What a client is told that asks too often.
    pub const SLOW_DOWN: OAuthError =
        ErrorCode::SlowDown.because("wait five seconds longer from now on");

    /// Asking every `interval`.
    pub const fn new(interval: Duration) -> Self {
        Self {
            interval,
            asked_at: None,
        }
    }

    /// What a client is told that asks at `now` while the user has not answered, and its pace from then on.
    #[must_use]
    pub fn asked(self, now: Instant) -> (OAuthError, Self) {
        let (told, more) = if self.is_too_soon(now) {
            (Self::SLOW_DOWN, SLOWER)
        } else {
            (PENDING, Duration::default())
        };
        let interval = self.interval.as_millis().saturating_add(more.as_millis());
        let pace = Self {
            interval: Duration::from_millis(interval),
            asked_at: Some(now),
        };
        (told, pace)
    }

    /// How long it has to wait between two questions.
    pub const fn interval(self) -> Duration {
        self.interval
    }

    fn is_too_soon(self, now: Instant) -> bool {
        self.asked_at
            .is_some_and(|before| now < before.plus(self.interval))
    }
}

const PENDING: OAuthError =
    ErrorCode::AuthorizationPending.because("the user has not answered yet");
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
            (_, pace) = pace.asked(at(seconds));
            intervals.push(pace.interval().as_seconds());
        }
        assert_eq!(intervals, [5, 5, 10, 15, 15]);
    }
}

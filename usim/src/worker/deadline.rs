//! Until when a caller waits.

use std::time::{Duration, Instant};

/// Until when a caller waits: a point in time, or so long from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Deadline(tokio::time::Instant);

impl Deadline {
    pub(super) fn instant(self) -> tokio::time::Instant {
        self.0
    }
}

impl From<Instant> for Deadline {
    fn from(instant: Instant) -> Self {
        Self(instant.into())
    }
}

impl From<tokio::time::Instant> for Deadline {
    fn from(instant: tokio::time::Instant) -> Self {
        Self(instant)
    }
}

impl From<Duration> for Deadline {
    /// So long from now on; what no clock can count is a year.
    fn from(duration: Duration) -> Self {
        const YEAR: Duration = Duration::from_secs(365 * 86_400);
        Self(tokio::time::Instant::now() + duration.min(YEAR))
    }
}

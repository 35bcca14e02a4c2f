//! Points and stretches of time in milliseconds, always told by the caller.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};

/// A point in time: whole milliseconds since 1970-01-01T00:00:00Z, at most 2^63 - 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Instant(u64);

/// A stretch of time in whole milliseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Duration(u64);

impl Instant {
    /// Later than every other point: what never expires, expires then.
    pub const NEVER: Self = Self(i64::MAX.unsigned_abs());

    /// The point `millis` milliseconds after the beginning of 1970, [`Instant::NEVER`] at the latest.
    pub const fn from_unix_millis(millis: u64) -> Self {
        if millis > Self::NEVER.0 {
            Self::NEVER
        } else {
            Self(millis)
        }
    }

    /// The point `seconds` seconds after the beginning of 1970.
    pub const fn from_unix_seconds(seconds: u64) -> Self {
        Self::from_unix_millis(seconds.saturating_mul(1000))
    }

    /// Milliseconds since the beginning of 1970.
    pub const fn unix_millis(self) -> u64 {
        self.0
    }

    /// Whole seconds since the beginning of 1970 (`NumericDate`, RFC 7519 §2), rounded down.
    pub const fn unix_seconds(self) -> u64 {
        self.0 / 1000
    }

    /// The point that much later.
    #[must_use]
    pub const fn plus(self, stretch: Duration) -> Self {
        Self::from_unix_millis(self.0.saturating_add(stretch.0))
    }

    /// The point that much earlier, 1970 at the earliest.
    #[must_use]
    pub const fn minus(self, stretch: Duration) -> Self {
        Self(self.0.saturating_sub(stretch.0))
    }

    /// How much has passed since `earlier`; nothing if that is yet to come.
    pub const fn since(self, earlier: Self) -> Duration {
        Duration(self.0.saturating_sub(earlier.0))
    }
}

impl Duration {
    /// That many milliseconds.
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis)
    }

    /// That many seconds.
    pub const fn from_seconds(seconds: u64) -> Self {
        Self(seconds.saturating_mul(1000))
    }

    /// In milliseconds.
    pub const fn as_millis(self) -> u64 {
        self.0
    }

    /// In whole seconds, rounded down.
    pub const fn as_seconds(self) -> u64 {
        self.0 / 1000
    }
}

impl From<SystemTime> for Instant {
    /// Times before 1970 become its beginning.
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self::from_unix_millis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
    }
}

impl From<Instant> for strict_jws::UnixTime {
    /// Rounded down to the second.
    fn from(instant: Instant) -> Self {
        Self::from_seconds(instant.unix_seconds())
    }
}

impl From<std::time::Duration> for Duration {
    fn from(stretch: std::time::Duration) -> Self {
        Self(u64::try_from(stretch.as_millis()).unwrap_or(u64::MAX))
    }
}

impl From<Duration> for std::time::Duration {
    fn from(stretch: Duration) -> Self {
        Self::from_millis(stretch.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_stay_between_1970_and_never() {
        let start = Instant::from_unix_seconds(10);
        assert_eq!(start.plus(Duration::from_millis(5)).unix_millis(), 10_005);
        assert_eq!(start.minus(Duration::from_seconds(11)).unix_millis(), 0);
        let longest = Duration::from_millis(u64::MAX);
        assert_eq!(start.plus(longest), Instant::NEVER);
        assert_eq!(Instant::from_unix_millis(u64::MAX), Instant::NEVER);
        assert_eq!(Duration::from_seconds(u64::MAX), longest);
    }

    #[test]
    fn a_clock_that_goes_back_lets_no_time_pass() {
        let (early, late) = (Instant::from_unix_seconds(1), Instant::from_unix_seconds(3));
        assert_eq!(late.since(early), Duration::from_seconds(2));
        assert_eq!(early.since(late), Duration::default());
    }

    #[test]
    fn seconds_are_rounded_down() {
        let instant = Instant::from_unix_millis(1_999);
        assert_eq!(instant.unix_seconds(), 1);
        assert_eq!(strict_jws::UnixTime::from(instant).seconds(), 1);
        assert_eq!(Duration::from_millis(1_999).as_seconds(), 1);
    }

    #[test]
    fn the_clock_of_the_system_is_read_in_milliseconds() {
        let time = UNIX_EPOCH + std::time::Duration::from_micros(1_500_900);
        assert_eq!(Instant::from(time).unix_millis(), 1_500);
        let before = UNIX_EPOCH - std::time::Duration::from_secs(1);
        assert_eq!(Instant::from(before).unix_millis(), 0);
    }
}

//! Seconds since 1970 as `xs:dateTime`.

use core::{fmt, str::FromStr};

/// Text is no `xs:dateTime` with a time zone, from 1970 to 9999.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected a time such as 2030-01-31T23:59:59Z")]
#[non_exhaustive]
pub struct InvalidTime;

/// Seconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixTime(u64);

impl UnixTime {
    /// The last second of the year 9999.
    pub const LAST: Self = Self(253_402_300_799);

    /// Takes seconds; those after the year 9999 count as its last one.
    pub const fn new(seconds: u64) -> Self {
        if seconds > Self::LAST.0 {
            Self::LAST
        } else {
            Self(seconds)
        }
    }

    /// The seconds.
    pub const fn get(self) -> u64 {
        self.0
    }

    /// So many seconds later.
    #[must_use]
    pub const fn after(self, seconds: u64) -> Self {
        Self::new(self.0.saturating_add(seconds))
    }
}

impl fmt::Display for UnixTime {
    /// In UTC, with `Z` (TS 24.109 annex C).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (days, seconds) = (self.0 / DAY, self.0 % DAY);
        let (year, month, day) = date(days);
        let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

impl FromStr for UnixTime {
    type Err = InvalidTime;

    /// Fractions of a second are dropped.
    fn from_str(text: &str) -> Result<Self, InvalidTime> {
        parse(text).ok_or(InvalidTime)
    }
}

fn parse(text: &str) -> Option<UnixTime> {
    let (date, time) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (time, zone) = time.split_at_checked(8)?;
    let [hour, minute, second] = numbers(time, ':', [2, 2, 2])?;
    let zone = match zone.strip_prefix('.') {
        Some(rest) => rest.trim_start_matches(|c: char| c.is_ascii_digit()),
        None => zone,
    };
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let seconds = days(year, month, day)? * DAY + hour * 3600 + minute * 60 + second;
    let seconds = seconds.checked_add_signed(-offset(zone)?)?;
    (seconds <= UnixTime::LAST.0).then_some(UnixTime(seconds))
}

/// Seconds east of Greenwich.
fn offset(zone: &str) -> Option<i64> {
    if zone == "Z" {
        return Some(0);
    }
    let (sign, zone) = zone.split_at_checked(1)?;
    let [hours, minutes] = numbers(zone, ':', [2, 2])?;
    let seconds = i64::try_from(hours * 3600 + minutes * 60).ok()?;
    match sign {
        "+" if hours <= 14 && minutes <= 59 => Some(seconds),
        "-" if hours <= 14 && minutes <= 59 => Some(-seconds),
        _ => None,
    }
}

/// Numbers with exactly so many digits each.
fn numbers<const N: usize>(text: &str, separator: char, digits: [usize; N]) -> Option<[u64; N]> {
    let mut parts = text.split(separator);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next()?;
        if part.len() != digits || !part.bytes().all(|octet| octet.is_ascii_digit()) {
            return None;
        }
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Days since 1970 of a date that there is.
fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    if year < 1970 || !(1..=12).contains(&month) || day < 1 {
        return None;
    }
    let before = days_before(year, month);
    let length = days_before(year + month / 12, month % 12 + 1) - before;
    (day <= length).then(|| before + day - 1)
}

/// Days from 1970 to the first of a month, in the Gregorian calendar.
fn days_before(year: u64, month: u64) -> u64 {
    let leaps = |year: u64| year / 4 - year / 100 + year / 400;
    let is_leap = leaps(year) - leaps(year - 1);
    let months: [u64; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    let month_index = usize::try_from(month - 1).unwrap_or_default();
    let in_year = months.get(month_index).copied().unwrap_or_default();
    let leap_day = if month > 2 { is_leap } else { 0 };
    (year - 1970) * 365 + leaps(year - 1) - leaps(1969) + in_year + leap_day
}

/// The date of a day since 1970.
fn date(day: u64) -> (u64, u64, u64) {
    let mut year = 1970 + day / 366;
    while days_before(year + 1, 1) <= day {
        year += 1;
    }
    let months = 1..=12_u64;
    let month = months.rev().find(|month| days_before(year, *month) <= day);
    let month = month.unwrap_or(1);
    (year, month, day - days_before(year, month) + 1)
}

const DAY: u64 = 86_400;

#[cfg(test)]
mod tests {
    use std::string::ToString as _;

    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_are_those_of_the_calendar() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (951_868_799, "2000-02-29T23:59:59Z"),
            (1_709_251_199, "2024-02-29T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (253_402_300_799, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(UnixTime::new(seconds).to_string(), text);
            assert_eq!(text.parse(), Ok(UnixTime::new(seconds)));
        }
    }

    #[test]
    fn zones_and_fractions_are_read() {
        let noon = Ok(UnixTime::new(1_700_000_000));
        assert_eq!("2023-11-14T22:13:20Z".parse(), noon);
        assert_eq!("2023-11-14T22:13:20.559Z".parse(), noon);
        assert_eq!("2023-11-15T00:13:20+02:00".parse(), noon);
        assert_eq!("2023-11-14T17:13:20.000-05:00".parse(), noon);
    }

    #[test]
    fn what_is_no_time_is_refused() {
        for text in [
            "",
            "2023-11-14T22:13:20",
            "2023-11-14 22:13:20Z",
            "2023-02-29T00:00:00Z",
            "2100-02-29T00:00:00Z",
            "2023-13-01T00:00:00Z",
            "2023-00-01T00:00:00Z",
            "2023-01-00T00:00:00Z",
            "2023-01-01T24:00:00Z",
            "2023-01-01T00:60:00Z",
            "2023-01-01T00:00:60Z",
            "2023-1-01T00:00:00Z",
            "2023-01-01T00:00:00+15:00",
            "2023-01-01T00:00:00é5:00",
            "1969-12-31T23:59:59Z",
            "1970-01-01T00:00:00+00:01",
            "9999-12-31T23:59:59-00:01",
            "2023-01-01T00:00:00Zz",
        ] {
            assert_eq!(text.parse::<UnixTime>(), Err(InvalidTime), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_second_comes_back(seconds in 0..=UnixTime::LAST.0) {
            let time = UnixTime::new(seconds);
            prop_assert_eq!(time.to_string().parse(), Ok(time));
        }

        #[test]
        fn what_is_read_is_a_time(text in "[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9][Z+.-][0-9:Z]{0,6}") {
            if let Ok(time) = text.parse::<UnixTime>() {
                prop_assert_eq!(time.to_string().parse(), Ok(time));
            }
        }
    }
}

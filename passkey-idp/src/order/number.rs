//! The number that a user compares on two devices.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use strict_jws::SecureRandom;

use crate::random::{self, NoRandomness};

/// Two digits, `00` to `99`: whoever approves on another device types what the first one shows.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number(u8);

/// Text is not two digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the number has two digits")]
#[non_exhaustive]
pub struct InvalidNumber;

impl Number {
    /// A new one, each as likely as the others.
    ///
    /// # Errors
    /// The system gave no random numbers.
    pub fn generate(random: &dyn SecureRandom) -> Result<Self, NoRandomness> {
        // 200 of 256 octets are two for each number; one of 64 goes astray with the chance 10^-42.
        let octets: [u8; 64] = random::fill(random)?;
        let fair = octets.iter().find(|octet| **octet < 200);
        fair.map(|octet| Self(octet % 100)).ok_or(NoRandomness)
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}", self.0)
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Number([redacted])")
    }
}

impl FromStr for Number {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let digits = text.len() == 2 && text.bytes().all(|octet| octet.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|_| digits)
            .map(Self)
            .ok_or(InvalidNumber)
    }
}

impl TryFrom<String> for Number {
    type Error = InvalidNumber;

    fn try_from(text: String) -> Result<Self, InvalidNumber> {
        text.parse()
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.to_string()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use strict_jws::SystemRandom;

    use super::*;

    #[test]
    fn a_number_is_two_digits() {
        for text in ["00", "07", "99"] {
            assert_eq!(text.parse::<Number>().unwrap().to_string(), text);
        }
        for text in ["", "7", "007", "+7", "-1", " 7", "a1"] {
            assert_eq!(text.parse::<Number>(), Err(InvalidNumber), "{text:?}");
        }
    }

    #[test]
    fn every_number_comes_up() {
        let random = SystemRandom::new();
        let numbers = (0..5000).map(|_| Number::generate(&random).unwrap().to_string());
        assert_eq!(numbers.collect::<BTreeSet<_>>().len(), 100);
    }
}

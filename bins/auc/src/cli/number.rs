//! Sequence numbers as people write them.

use std::str::FromStr;

use aka::Sqn;

/// A sequence number from the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Number(pub(crate) Sqn);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected 12 hexadecimal digits, or a decimal number of fewer digits")]
pub(crate) struct InvalidNumber;

impl FromStr for Number {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, InvalidNumber> {
        let number = match text.len() {
            12 => text.parse().ok(),
            0..12 if text.bytes().all(|c| c.is_ascii_digit()) => {
                text.parse().ok().and_then(|n| Sqn::new(n).ok())
            }
            _ => None,
        };
        number.map(Self).ok_or(InvalidNumber)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Result<u64, InvalidNumber> {
        text.parse::<Number>().map(|number| number.0.get())
    }

    #[test]
    fn twelve_digits_are_hexadecimal_and_fewer_are_decimal() {
        assert_eq!(number("000000000020"), Ok(32));
        assert_eq!(number("32"), Ok(32));
        assert_eq!(number("99999999999"), Ok(99_999_999_999));
        assert_eq!(number("ff9bb4d0b607"), Ok(0xff9b_b4d0_b607));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "ff",
            "-1",
            "+1",
            "0x20",
            "1000000000000",
            "00000000002g",
        ] {
            assert_eq!(number(text), Err(InvalidNumber), "{text}");
        }
    }
}

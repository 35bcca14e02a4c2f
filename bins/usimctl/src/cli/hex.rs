//! Octets as people write them: hexadecimal digits, with blanks or colons between them.

use std::str::FromStr;

/// Octets from the command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Octets(pub(crate) Vec<u8>);

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected an even number of hexadecimal digits")]
pub(crate) struct InvalidOctets;

impl FromStr for Octets {
    type Err = InvalidOctets;

    fn from_str(text: &str) -> Result<Self, InvalidOctets> {
        let digits: String = text.chars().filter(|c| !matches!(c, ' ' | ':')).collect();
        match hex::decode(digits) {
            Ok(octets) if !octets.is_empty() => Ok(Self(octets)),
            _ => Err(InvalidOctets),
        }
    }
}

/// Upper-case digits, as standards and other tools write octets.
pub(crate) fn text(octets: &[u8]) -> String {
    hex::encode_upper(octets)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_and_colons_may_separate_octets() {
        for written in ["00a4000c", "00 A4 00 0C", "00:a4:00:0c"] {
            assert_eq!(written.parse(), Ok(Octets(vec![0x00, 0xa4, 0x00, 0x0c])));
        }
    }

    #[test]
    fn half_an_octet_or_none_is_refused() {
        for written in ["", " ", "0", "00a", "0x00", "00-a4"] {
            assert_eq!(written.parse::<Octets>(), Err(InvalidOctets), "{written}");
        }
    }
}

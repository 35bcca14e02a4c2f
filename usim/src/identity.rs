//! Numbers that name a card or a device: ICCID and IMEI.

use std::{fmt, str::FromStr};

use crate::{CardError, file::bcd};

/// Text that is no such number; it is not repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name}: expected {digits} decimal digits")]
#[non_exhaustive]
pub struct InvalidNumber {
    /// The standard's name of the number.
    pub name: &'static str,
    /// How many digits it has.
    pub digits: &'static str,
}

/// The card's own number, printed on it: up to 20 digits, of which 18 to 20 are usual
/// (TS 102 221 §13.2, ITU-T E.118).
///
/// `Debug` shows no digit; [`as_str`](Iccid::as_str) does.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Iccid(String);

impl Iccid {
    /// How many octets EF_ICCID has.
    pub const FILE_SIZE: usize = 10;

    /// Reads EF_ICCID: two digits in an octet, the first one in the lower half, filled with `F`.
    ///
    /// # Errors
    /// [`CardError::Malformed`] for other than 10 octets, halves that are no digits, or fewer than
    /// 10 digits.
    pub fn decode(file: &[u8]) -> Result<Self, CardError> {
        let digits = <[u8; Self::FILE_SIZE]>::try_from(file)
            .ok()
            .and_then(|file| bcd::decode(&file));
        digits
            .and_then(|digits| digits.parse().ok())
            .ok_or(CardError::Malformed { what: "EF_ICCID" })
    }

    /// Writes EF_ICCID.
    pub fn encode(&self) -> [u8; Self::FILE_SIZE] {
        let octets = bcd::encode(&self.0, Self::FILE_SIZE).and_then(|file| file.try_into().ok());
        octets.expect("10 to 20 digits by construction")
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Iccid {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (10..=20).contains(&text.len()) && all_digits(text);
        fits.then(|| Self(text.to_owned())).ok_or(InvalidNumber {
            name: "ICCID",
            digits: "10 to 20",
        })
    }
}

impl fmt::Debug for Iccid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Iccid([redacted])")
    }
}

/// A device's number: the IMEI of 15 digits or the IMEISV of 16 (TS 23.003 §6.2).
///
/// `Debug` shows no digit; [`as_str`](Imei::as_str) does.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Imei(String);

impl Imei {
    /// The digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the last of 15 digits is the check digit of the others (TS 23.003 annex B); an
    /// IMEISV has none.
    pub fn has_valid_check_digit(&self) -> bool {
        let digit = |(at, digit): (usize, u8)| match (at % 2, u32::from(digit & 0x0f)) {
            (1, digit @ 5..) => 2 * digit - 9,
            (1, digit) => 2 * digit,
            (_, digit) => digit,
        };
        let sum: u32 = self.0.bytes().enumerate().map(digit).sum();
        self.0.len() == 15 && sum.is_multiple_of(10)
    }
}

impl FromStr for Imei {
    type Err = InvalidNumber;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fits = (15..=16).contains(&text.len()) && all_digits(text);
        fits.then(|| Self(text.to_owned())).ok_or(InvalidNumber {
            name: "IMEI",
            digits: "15 or 16",
        })
    }
}

impl fmt::Debug for Imei {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Imei([redacted])")
    }
}

fn all_digits(text: &str) -> bool {
    text.bytes().all(|digit| digit.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::script::octets;

    const MALFORMED: CardError = CardError::Malformed { what: "EF_ICCID" };

    #[test]
    fn nineteen_digits_are_followed_by_a_filler() {
        let iccid = Iccid::decode(&octets("98 10 10 32 54 76 98 10 32 f4")).unwrap();
        assert_eq!(iccid.as_str(), "8901012345678901234");
    }

    #[test]
    fn twenty_digits_fill_the_file() {
        let iccid = Iccid::decode(&octets("98 10 10 32 54 76 98 10 32 54")).unwrap();
        assert_eq!(iccid.as_str(), "89010123456789012345");
    }

    #[test]
    fn nine_octets_are_malformed() {
        assert_eq!(Iccid::decode(&[0x98; 9]), Err(MALFORMED));
        assert_eq!(Iccid::decode(&[0x98; 11]), Err(MALFORMED));
    }

    #[test]
    fn an_empty_file_is_malformed() {
        assert_eq!(Iccid::decode(&[0xff; 10]), Err(MALFORMED));
    }

    #[test]
    fn the_check_digit_of_an_imei_is_known() {
        let imei: Imei = "490154203237518".parse().unwrap();
        assert!(imei.has_valid_check_digit());
        let imei: Imei = "490154203237517".parse().unwrap();
        assert!(!imei.has_valid_check_digit());
        let imeisv: Imei = "4901542032375180".parse().unwrap();
        assert!(!imeisv.has_valid_check_digit());
    }

    #[test]
    fn other_text_is_no_number() {
        assert_eq!("49015420323751".parse::<Imei>().unwrap_err().name, "IMEI");
        assert_eq!("4901542032375l8".parse::<Imei>().unwrap_err().name, "IMEI");
        assert_eq!("123456789".parse::<Iccid>().unwrap_err().name, "ICCID");
    }

    #[test]
    fn debug_shows_no_digit() {
        let iccid: Iccid = "8901012345678901234".parse().unwrap();
        let imei: Imei = "490154203237518".parse().unwrap();
        let shown = format!("{iccid:?} {imei:?}");
        assert_eq!(shown, "Iccid([redacted]) Imei([redacted])");
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(digits in "[0-9]{10,20}") {
            let iccid: Iccid = digits.parse().unwrap();
            prop_assert_eq!(Iccid::decode(&iccid.encode()).unwrap(), iccid);
        }
    }
}

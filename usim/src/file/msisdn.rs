//! EF_MSISDN: the subscriber's numbers, a label and 14 octets in each record (TS 31.102 §4.2.26).

use std::fmt;

use crate::{CallerError, CardError, file::alphabet};

/// A telephone number of the subscriber.
///
/// `Debug` shows no digit; [`number`](Msisdn::number) does.
#[derive(Clone, PartialEq, Eq)]
pub struct Msisdn {
    number: String,
    label: Option<String>,
}

impl Msisdn {
    /// Takes a number of up to 20 digits, `*` and `#` among them, with `+` before an
    /// international one.
    ///
    /// # Errors
    /// [`CallerError::DoesNotFit`] for anything else.
    pub fn new(number: &str) -> Result<Self, CallerError> {
        let digits = number.strip_prefix('+').unwrap_or(number);
        let known = |digit: u8| DIGITS.contains(&digit);
        if !(1..=20).contains(&digits.len()) || !digits.bytes().all(known) {
            return Err(CallerError::DoesNotFit { what: "MSISDN" });
        }
        Ok(Self {
            number: number.to_owned(),
            label: None,
        })
    }

    /// With a label for people.
    #[must_use]
    pub fn with_label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// The number, with `+` before an international one.
    pub fn number(&self) -> &str {
        &self.number
    }

    /// The label for people, where there is one.
    pub fn label(&self) -> Option<&str> {
        self.label.as_deref()
    }
}

impl fmt::Debug for Msisdn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Msisdn([redacted])")
    }
}

/// Reads a record; `None` for an empty one.
///
/// # Errors
/// [`CardError::Malformed`] for fewer than 14 octets, a length past the end, or digits that are
/// none.
pub fn decode(record: &[u8]) -> Result<Option<Msisdn>, CardError> {
    let malformed = CardError::Malformed { what: "EF_MSISDN" };
    let Some((label, number)) = record.split_last_chunk::<NUMBER_SIZE>() else {
        return Err(malformed);
    };
    let [length, kind, rest @ ..] = number;
    if matches!(length, 0 | 1 | 0xff) {
        return Ok(None);
    }
    let digits = rest
        .get(..usize::from(*length) - 1)
        .filter(|digits| digits.len() <= 10)
        .and_then(dialled)
        .ok_or(malformed)?;
    if digits.is_empty() {
        return Ok(None);
    }
    let plus = if kind & 0x70 == 0x10 { "+" } else { "" };
    let label = Some(alphabet::decode(label)).filter(|label| !label.is_empty());
    Ok(Some(Msisdn {
        number: format!("{plus}{digits}"),
        label,
    }))
}

/// Writes a record with room for a label of `label_size` octets.
///
/// # Errors
/// [`CallerError::DoesNotFit`] for a longer label.
pub fn encode(msisdn: &Msisdn, label_size: usize) -> Result<Vec<u8>, CallerError> {
    let label = alphabet::encode(msisdn.label().unwrap_or_default(), label_size);
    let mut record = label.ok_or(CallerError::DoesNotFit { what: "label" })?;
    let (kind, digits) = match msisdn.number.strip_prefix('+') {
        Some(digits) => (0x91, digits),
        None => (0x81, msisdn.number.as_str()),
    };
    let halves: Vec<_> = digits.bytes().filter_map(half).collect();
    let octets = halves.chunks(2).map(|pair| match pair {
        [low, high] => high << 4 | low,
        [low, ..] => 0xf0 | low,
        [] => 0xff,
    });
    let mut number = [0xff; NUMBER_SIZE];
    let [length, ton_npi, rest @ ..] = &mut number;
    *length = (1 + halves.len().div_ceil(2)).to_le_bytes()[0];
    *ton_npi = kind;
    for (to, octet) in rest.iter_mut().zip(octets) {
        *to = octet;
    }
    record.extend(number);
    Ok(record)
}

/// Digits up to the filler.
fn dialled(octets: &[u8]) -> Option<String> {
    let halves = octets.iter().flat_map(|octet| [octet & 0x0f, octet >> 4]);
    let digits = halves.take_while(|half| *half != 0x0f);
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().map(char::from);
    digits.map(digit).collect()
}

fn half(digit: u8) -> Option<u8> {
    let at = DIGITS.iter().position(|known| *known == digit)?;
    u8::try_from(at).ok()
}

/// By the value of their half octet (TS 24.008 table 10.5.118).
const DIGITS: &[u8; 12] = b"0123456789*#";
/// Length, type, 10 octets of digits, and two references (TS 31.102 §4.4.2.3).
const NUMBER_SIZE: usize = 14;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::script::octets;

    const MALFORMED: CardError = CardError::Malformed { what: "EF_MSISDN" };

    #[test]
    fn an_international_number_has_a_plus() {
        let record = octets("4f776e ff ff 07 91 94 71 01 32 54 f6 ff*6");
        let msisdn = decode(&record).unwrap().unwrap();
        assert_eq!(msisdn.number(), "+49171023456");
        assert_eq!(msisdn.label(), Some("Own"));
    }

    #[test]
    fn a_national_number_has_none() {
        let record = octets("03 81 21 f3 ff*10");
        assert_eq!(decode(&record).unwrap().unwrap().number(), "123");
    }

    #[test]
    fn stars_and_hashes_are_digits() {
        let record = octets("03 81 1a b2 ff*10");
        assert_eq!(decode(&record).unwrap().unwrap().number(), "*12#");
    }

    #[test]
    fn a_blank_record_is_no_number() {
        assert_eq!(decode(&[0xff; 24]), Ok(None));
        assert_eq!(decode(&octets("00 ff*13")), Ok(None));
        assert_eq!(decode(&octets("03 81 ff*12")), Ok(None));
    }

    #[test]
    fn lengths_past_the_end_and_other_digits_are_malformed() {
        assert_eq!(decode(&[0xff; 13]), Err(MALFORMED));
        assert_eq!(decode(&octets("0e 81 21*12")), Err(MALFORMED));
        assert_eq!(decode(&octets("0c 81 21*12")), Err(MALFORMED));
        assert_eq!(decode(&octets("02 81 ce ff*11")), Err(MALFORMED));
    }

    #[test]
    fn other_text_is_no_number() {
        for wrong in ["", "+", "12a", "123456789012345678901"] {
            let error = Msisdn::new(wrong).unwrap_err();
            assert!(
                matches!(error, CallerError::DoesNotFit { what: "MSISDN" }),
                "{wrong}"
            );
        }
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(number in "\\+?[0-9*#]{1,20}", label in "[a-zA-Z]{0,10}") {
            let mut msisdn = Msisdn::new(&number).unwrap();
            if !label.is_empty() {
                msisdn = msisdn.with_label(label);
            }
            let record = encode(&msisdn, 10).unwrap();
            prop_assert_eq!(record.len(), 24);
            prop_assert_eq!(decode(&record).unwrap(), Some(msisdn));
        }
    }
}

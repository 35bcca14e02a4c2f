//! EF_IMSI: 9 octets (TS 31.102 §4.2.2, TS 51.011 §10.3.2).

use aka::Imsi;

use crate::CardError;

/// How many octets the file has.
pub const SIZE: usize = 9;

/// Reads the file: a length, then a half octet with the parity and the identity type 001, then
/// digits, two in an octet, and the filler `F` (TS 24.008 §10.5.1.4).
///
/// # Errors
/// [`CardError::Malformed`] when the length, the type, the parity, a digit or the filler is wrong,
/// or when there are not 6 to 15 digits, as on a card without a subscription.
///
/// ```
/// let file = [0x08, 0x09, 0x10, 0x10, 0x00, 0x00, 0x00, 0x00, 0x10];
/// assert_eq!(usim::file::imsi::decode(&file)?.as_str(), "001010000000001");
/// # Ok::<(), usim::CardError>(())
/// ```
pub fn decode(file: &[u8]) -> Result<Imsi, CardError> {
    digits(file)
        .and_then(|digits| digits.parse().ok())
        .ok_or(CardError::Malformed { what: "EF_IMSI" })
}

/// Writes the file.
pub fn encode(imsi: &Imsi) -> [u8; SIZE] {
    let digits = imsi.as_str();
    let odd = digits.len() % 2 == 1;
    let mut file = [0xff; SIZE];
    let halves = std::iter::once(if odd { 9 } else { 1 }).chain(digits.bytes().map(|d| d & 0x0f));
    for (at, half) in halves.enumerate() {
        if let Some(octet) = file.get_mut(1 + at / 2) {
            *octet = if at % 2 == 0 {
                0xf0 | half
            } else {
                half << 4 | *octet & 0x0f
            };
        }
    }
    let [length, ..] = &mut file;
    *length = (1 + digits.len() / 2).to_le_bytes()[0];
    file
}

fn digits(file: &[u8]) -> Option<String> {
    let (length, rest) = file.split_first()?;
    let octets = rest
        .get(..usize::from(*length))
        .filter(|octets| octets.len() <= 8)?;
    let (first, others) = octets.split_first()?;
    let odd = match first & 0x0f {
        0b1001 => true,
        0b0001 => false,
        _ => return None,
    };
    let mut halves = vec![first >> 4];
    halves.extend(others.iter().flat_map(|octet| [octet & 0x0f, octet >> 4]));
    if !odd && halves.pop() != Some(0x0f) {
        return None;
    }
    let digit = |half: u8| (half <= 9).then(|| char::from(b'0' + half));
    halves.into_iter().map(digit).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::script::octets;

    #[track_caller]
    fn read(file: &str) -> Option<String> {
        let imsi = decode(&octets(file)).ok()?;
        Some(imsi.as_str().to_owned())
    }

    #[test]
    fn fifteen_digits_are_odd() {
        assert_eq!(
            read("08 09 10 10 10 32 54 76 98").unwrap(),
            "001010123456789"
        );
    }

    #[test]
    fn fourteen_digits_are_even_and_filled() {
        assert_eq!(
            read("08 01 10 10 10 32 54 76 f8").unwrap(),
            "00101012345678"
        );
    }

    #[test]
    fn six_digits_take_four_octets() {
        assert_eq!(read("04 01 10 10 f1 ff ff ff ff").unwrap(), "001011");
    }

    #[test]
    fn wrong_parity_is_refused() {
        assert_eq!(read("08 01 10 10 10 32 54 76 98"), None);
        assert_eq!(read("08 09 10 10 10 32 54 76 f8"), None);
    }

    #[test]
    fn another_identity_type_is_refused() {
        assert_eq!(read("08 0a 10 10 10 32 54 76 98"), None);
        assert_eq!(read("08 03 10 10 10 32 54 76 98"), None);
    }

    #[test]
    fn a_filler_between_digits_is_refused() {
        assert_eq!(read("08 09 10 f0 10 32 54 76 98"), None);
    }

    #[test]
    fn a_card_without_a_subscription_is_refused() {
        assert_eq!(read("ff ff ff ff ff ff ff ff ff"), None);
        assert_eq!(read("00 ff ff ff ff ff ff ff ff"), None);
        assert_eq!(read(""), None);
    }

    #[test]
    fn a_length_past_the_end_is_refused() {
        assert_eq!(read("08 09 10 10 10"), None);
        assert_eq!(read("09 09 10 10 10 32 54 76 98 10"), None);
    }

    #[test]
    fn five_digits_are_too_few() {
        assert_eq!(read("03 09 10 10 ff ff ff ff ff"), None);
    }

    #[test]
    fn the_error_names_the_file_and_no_digit() {
        let error = decode(&[0xff; 9]).unwrap_err();
        assert_eq!(error, CardError::Malformed { what: "EF_IMSI" });
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(digits in "[0-9]{6,15}") {
            let imsi: Imsi = digits.parse().unwrap();
            prop_assert_eq!(decode(&encode(&imsi)).unwrap(), imsi);
        }

        #[test]
        fn what_is_decoded_is_encoded_alike(file in any::<[u8; SIZE]>()) {
            if let Ok(imsi) = decode(&file) {
                let again = encode(&imsi);
                let used = 1 + usize::from(file[0]);
                prop_assert_eq!(&again[..used], &file[..used]);
            }
        }
    }
}

//! Decimal digits as cards store them: two in an octet, the first one in the lower half.

/// The digits up to the filler `F`, as text; `None` when anything follows the filler, or a half
/// octet is no digit.
pub(crate) fn decode(octets: &[u8]) -> Option<String> {
    let mut halves = octets.iter().flat_map(|octet| [octet & 0x0f, octet >> 4]);
    let mut digits = String::with_capacity(2 * octets.len());
    for half in halves.by_ref() {
        match half {
            0..=9 => digits.push(char::from(b'0' + half)),
            0x0f => break,
            _ => return None,
        }
    }
    halves.all(|half| half == 0x0f).then_some(digits)
}

/// The digits of `text`, filled with `F` to `size` octets; anything but digits, or too many of
/// them, gives `None`.
pub(crate) fn encode(text: &str, size: usize) -> Option<Vec<u8>> {
    let mut octets = vec![0xff; size];
    for (at, digit) in text.bytes().enumerate() {
        let digit = digit.is_ascii_digit().then_some(digit & 0x0f)?;
        let octet = octets.get_mut(at / 2)?;
        *octet = if at % 2 == 0 {
            0xf0 | digit
        } else {
            digit << 4 | *octet & 0x0f
        };
    }
    Some(octets)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_first_digit_stands_in_the_lower_half() {
        assert_eq!(decode(&[0x21, 0x43, 0xf5]).as_deref(), Some("12345"));
    }

    #[test]
    fn digits_behind_the_filler_are_refused() {
        assert_eq!(decode(&[0x21, 0x4f]), None);
        assert_eq!(decode(&[0xff, 0x21]), None);
    }

    #[test]
    fn halves_that_are_no_digits_are_refused() {
        assert_eq!(decode(&[0xa1]), None);
    }

    #[test]
    fn too_many_digits_do_not_fit() {
        assert_eq!(encode("12345", 2), None);
        assert_eq!(encode("1a", 2), None);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(digits in "[0-9]{0,20}") {
            let octets = encode(&digits, 10).unwrap();
            prop_assert_eq!(decode(&octets), Some(digits));
        }
    }
}

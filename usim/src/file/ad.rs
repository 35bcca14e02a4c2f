//! EF_AD: administrative data, 3 octets or more (TS 31.102 §4.2.18, TS 51.011 §10.3.18).

use aka::MncLength;

/// How many digits the MNC has: the lower half of octet 4; `None` where the file ends before it or
/// says neither 2 nor 3, as on early cards.
///
/// ```
/// use aka::MncLength;
///
/// assert_eq!(usim::file::ad::mnc_length(&[0x00, 0x00, 0x00, 0x02]), Some(MncLength::Two));
/// assert_eq!(usim::file::ad::mnc_length(&[0x00, 0x00, 0x00]), None);
/// ```
pub fn mnc_length(file: &[u8]) -> Option<MncLength> {
    match file.get(3)? & 0x0f {
        2 => Some(MncLength::Two),
        3 => Some(MncLength::Three),
        _ => None,
    }
}

/// Writes the file of a card in normal operation.
pub const fn encode(mnc_length: Option<MncLength>) -> [u8; 4] {
    let digits = match mnc_length {
        Some(MncLength::Two) => 2,
        Some(MncLength::Three) => 3,
        None => 0,
    };
    [0, 0, 0, digits]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lengths_are_read_and_the_upper_half_is_ignored() {
        assert_eq!(mnc_length(&[0, 0, 0, 0x02]), Some(MncLength::Two));
        assert_eq!(
            mnc_length(&[0x80, 0, 1, 0xf3, 0x55]),
            Some(MncLength::Three)
        );
    }

    #[test]
    fn other_lengths_say_nothing() {
        assert_eq!(mnc_length(&[0, 0, 0, 0x00]), None);
        assert_eq!(mnc_length(&[0, 0, 0, 0xff]), None);
    }

    #[test]
    fn a_file_of_three_octets_says_nothing() {
        assert_eq!(mnc_length(&[0, 0, 0]), None);
        assert_eq!(mnc_length(&[]), None);
    }

    #[test]
    fn what_is_encoded_is_decoded() {
        for length in [None, Some(MncLength::Two), Some(MncLength::Three)] {
            assert_eq!(mnc_length(&encode(length)), length);
        }
    }
}

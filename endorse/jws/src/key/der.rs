//! As much of DER (X.690) as keys need. Whoever reads compares with what would be written: what
//! differs was not DER.

pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;

/// The content of the first value of `der`, if it has this tag, and what follows it.
pub(super) fn read(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    if *found != tag {
        return None;
    }
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match *first {
        0..=0x7f => (usize::from(*first), rest),
        0x81 | 0x82 => {
            let (octets, rest) = rest.split_at_checked(usize::from(*first & 0x0f))?;
            let length = octets
                .iter()
                .fold(0, |sum, octet| (sum << 8) | usize::from(*octet));
            (length, rest)
        }
        _ => return None,
    };
    rest.split_at_checked(length)
}

/// The value with this tag and content.
pub(super) fn write(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut der = vec![tag];
    let length = content.len().to_be_bytes();
    let significant = length
        .iter()
        .position(|octet| *octet != 0)
        .unwrap_or(length.len() - 1);
    let length = length.get(significant..).unwrap_or_default();
    if content.len() > 0x7f {
        let count = u8::try_from(length.len()).expect("a usize has at most 16 octets");
        der.push(0x80 | count);
    }
    der.extend_from_slice(length);
    der.extend_from_slice(content);
    der
}

/// A positive INTEGER from its magnitude without leading zeros.
pub(super) fn write_integer(magnitude: &[u8]) -> Vec<u8> {
    if magnitude.first().is_some_and(|first| *first < 0x80) {
        return write(INTEGER, magnitude);
    }
    write(INTEGER, &[&[0], magnitude].concat())
}

/// The magnitude without leading zeros of an INTEGER's content.
pub(super) fn magnitude(content: &[u8]) -> &[u8] {
    let zeros = content.iter().take_while(|octet| **octet == 0).count();
    content.get(zeros..).unwrap_or_default()
}

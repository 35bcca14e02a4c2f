//! The answer to reset: the card's own, so that no tool takes it for another one.

use crate::transport::Protocol;

/// ISO/IEC 7816-3 §8.2: TS, T0, TD1, TD2, TA3 (all voltage classes, the clock may stop),
/// 14 historical octets, TCK.
pub(super) fn of(protocol: Protocol) -> [u8; 20] {
    let first = match protocol {
        Protocol::T0 => 0x80,
        Protocol::T1 => 0x81,
    };
    let mut atr = [
        0x3b, 0x8e, first, 0x1f, 0xc7, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
    ];
    for (to, from) in atr.iter_mut().skip(5).zip(HISTORICAL) {
        *to = *from;
    }
    let check = atr.iter().skip(1).fold(0, |sum, octet| sum ^ octet);
    let [.., last] = &mut atr;
    *last = check;
    atr
}

/// Card service data, card capabilities (names may be truncated, short identifiers, channels
/// assigned by the card), and this project's name as pre-issuing data (ISO/IEC 7816-4 §12.1.1).
const HISTORICAL: &[u8; 14] = b"\x80\x31\xe0\x73\xfe\x21\x17\x66simkey";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_check_octet_makes_the_sum_zero() {
        for protocol in [Protocol::T0, Protocol::T1] {
            let atr = of(protocol);
            assert_eq!(atr.iter().skip(1).fold(0, |sum, octet| sum ^ octet), 0);
        }
    }

    #[test]
    fn the_protocol_stands_in_td1() {
        assert_eq!(
            hex::encode(of(Protocol::T0)),
            "3b8e801fc78031e073fe21176673696d6b65795a"
        );
        assert_eq!(
            hex::encode(of(Protocol::T1)),
            "3b8e811fc78031e073fe21176673696d6b65795b"
        );
    }
}

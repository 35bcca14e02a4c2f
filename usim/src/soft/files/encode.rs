//! Files that nothing but a card writes.

/// A service table of a 2G SIM: two bits a service, allocated and activated (TS 51.011 §10.3.7).
pub(super) fn services_2g<const N: usize>(available: &[usize]) -> [u8; N] {
    let mut table = [0; N];
    for service in available {
        let index = service.saturating_sub(1);
        if let Some(octet) = table.get_mut(index / 4) {
            *octet |= 0b11 << (2 * (index % 4));
        }
    }
    table
}

/// A text in a TLV with tag 80 (TS 31.103 §4.2), padded with FF to `size`.
pub(super) fn text(text: &str, size: usize) -> Vec<u8> {
    let length = u8::try_from(text.len()).unwrap_or(u8::MAX);
    let mut octets = vec![0x80, length];
    octets.extend_from_slice(text.as_bytes());
    octets.resize(size, 0xff);
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_2g_service_has_two_bits_counted_from_one() {
        assert_eq!(services_2g::<2>(&[1, 5]), [0x03, 0x03]);
    }

    #[test]
    fn a_text_is_padded() {
        assert_eq!(text("sip", 6), b"\x80\x03sip\xff");
    }
}

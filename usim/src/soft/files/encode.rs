//! How values stand in files: swapped BCD digits, texts and bit tables.

/// Writes decimal digits two an octet, the first one in the low half, from the nibble at
/// `position` on.
fn put_digits(octets: &mut [u8], position: usize, digits: &str) {
    for (index, digit) in digits.bytes().enumerate() {
        let at = position.saturating_add(index);
        let Some(octet) = octets.get_mut(at / 2) else {
            return;
        };
        let value = digit & 0x0f;
        *octet = match at % 2 {
            0 => (*octet & 0xf0) | value,
            _ => (*octet & 0x0f) | (value << 4),
        };
    }
}

/// `N` octets of swapped BCD, filled up with F.
pub(super) fn bcd<const N: usize>(digits: &str) -> [u8; N] {
    let mut octets = [0xff; N];
    put_digits(&mut octets, 0, digits);
    octets
}

/// EF_IMSI (TS 31.102 §4.2.2): length, then type, parity and digits.
pub(super) fn imsi(imsi: &aka::Imsi) -> [u8; 9] {
    let digits = imsi.as_str();
    let mut octets = [0xff; 9];
    put_digits(&mut octets, 3, digits);
    let parity = if digits.len() % 2 == 1 { 0x9 } else { 0x1 };
    let [length, first, ..] = &mut octets;
    *length = u8::try_from(digits.len() / 2 + 1).unwrap_or(8);
    *first = (*first & 0xf0) | parity;
    octets
}

/// A record of EF_MSISDN (TS 31.102 §4.2.26): a name of 10 octets, then the number.
pub(super) fn msisdn(number: &str) -> [u8; 24] {
    let mut record = [0xff; 24];
    let (digits, kind) = match number.strip_prefix('+') {
        Some(digits) => (digits, 0x91),
        None => (number, 0x81),
    };
    if digits.is_empty() {
        return record;
    }
    let number: [u8; 10] = bcd(digits);
    let size = u8::try_from(digits.len().div_ceil(2)).unwrap_or(10).min(10);
    for (to, from) in record
        .iter_mut()
        .skip(10)
        .zip([size.saturating_add(1), kind].into_iter().chain(number))
    {
        *to = from;
    }
    record
}

/// EF_SPN (TS 31.102 §4.2.12): display condition, then 16 octets of name.
pub(super) fn spn(name: &str) -> [u8; 17] {
    let mut octets = [0xff; 17];
    let text = std::iter::once(0x01).chain(name.bytes());
    for (to, from) in octets.iter_mut().zip(text) {
        *to = from;
    }
    octets
}

/// A table of services: bit 1 of octet 1 is service 1 (TS 31.102 §4.2.8).
pub(super) fn services<const N: usize>(available: &[usize]) -> [u8; N] {
    let mut table = [0; N];
    for service in available {
        let index = service.saturating_sub(1);
        if let Some(octet) = table.get_mut(index / 8) {
            *octet |= 1 << (index % 8);
        }
    }
    table
}

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

/// A record of EF_DIR (TS 102 221 §13.1): an application template with AID and label.
pub(super) fn directory_entry(aid: &[u8], label: &str, size: usize) -> Vec<u8> {
    let length = |octets: usize| u8::try_from(octets).unwrap_or(u8::MAX);
    let mut record = vec![
        0x61,
        length(aid.len() + label.len() + 4),
        0x4f,
        length(aid.len()),
    ];
    record.extend_from_slice(aid);
    record.extend_from_slice(&[0x50, length(label.len())]);
    record.extend_from_slice(label.as_bytes());
    record.resize(size, 0xff);
    record
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_imsi_of_15_digits_has_odd_parity_and_8_octets() {
        let octets = imsi(&"001010000000001".parse().unwrap());
        assert_eq!(octets, [8, 0x09, 0x10, 0x10, 0x00, 0x00, 0x00, 0x00, 0x10]);
    }

    #[test]
    fn an_imsi_of_14_digits_has_even_parity_and_a_filler() {
        let octets = imsi(&"00101000000001".parse().unwrap());
        assert_eq!(octets, [8, 0x01, 0x10, 0x10, 0x00, 0x00, 0x00, 0x00, 0xf1]);
    }

    #[test]
    fn an_imsi_of_6_digits_has_a_length_of_4() {
        let octets = imsi(&"001011".parse().unwrap());
        assert_eq!(octets, [4, 0x01, 0x10, 0x10, 0xf1, 0xff, 0xff, 0xff, 0xff]);
    }

    #[test]
    fn an_iccid_is_swapped_bcd() {
        let octets: [u8; 10] = bcd("8988211000000000017");
        assert_eq!(hex::encode(octets), "988812010000000010f7");
    }

    #[test]
    fn an_msisdn_has_its_length_and_type_behind_the_name() {
        let record = msisdn("+1234567");
        assert_eq!(
            hex::encode(record),
            "ffffffffffffffffffff059121436 5f7ffffffffffffffff".replace(' ', "")
        );
    }

    #[test]
    fn services_count_from_one() {
        assert_eq!(services::<3>(&[1, 9, 24]), [0x01, 0x01, 0x80]);
        assert_eq!(services_2g::<2>(&[1, 5]), [0x03, 0x03]);
    }
}

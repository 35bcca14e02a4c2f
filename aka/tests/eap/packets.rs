//! What is written is read; what must be refused is refused, and never a panic.

use aka::eap::{
    Attribute, Attributes, Code, MacKey, Malformed, Method, NoRoom, Packet, PacketWriter, Subtype,
};
use proptest::prelude::*;

/// Type, length and value of one attribute.
fn octets(kind: u8, value: &[u8]) -> Vec<u8> {
    let words = u8::try_from((value.len() + 2) / 4).unwrap();
    [&[kind, words], value].concat()
}

fn fault(kind: u8, value: &[u8]) -> Option<Malformed> {
    Attributes::parse(&octets(kind, value)).err()
}

/// Every kind with a size of its own, and values that it must not have.
#[test]
fn a_value_of_any_other_size_is_refused() {
    let fixed = [
        (2, 18),
        (4, 14),
        (7, 18),
        (10, 2),
        (11, 18),
        (12, 2),
        (13, 2),
        (16, 2),
        (17, 2),
        (19, 2),
        (20, 2),
        (21, 18),
        (22, 2),
        (24, 2),
        (129, 18),
        (135, 2),
        (136, 2),
    ];
    for (kind, right) in fixed {
        for size in (2..40).step_by(4) {
            let expected = (size != right).then_some(Malformed::Attribute(kind));
            assert_eq!(fault(kind, &vec![0; size]), expected, "{kind} with {size}");
        }
    }
}

#[test]
fn a_counted_value_must_fill_its_attribute_but_for_padding() {
    for kind in [14, 23, 132, 133] {
        for (count, size) in [(0, 0), (1, 4), (4, 4), (5, 8)] {
            let right = [&[0, count], &vec![7; size][..]].concat();
            assert_eq!(fault(kind, &right), None, "{kind}: {count} in {size}");
        }
        for (count, size) in [(1, 0), (5, 4), (4, 8), (0, 4), (255, 4)] {
            let wrong = [&[0, count], &vec![7; size][..]].concat();
            assert_eq!(fault(kind, &wrong), Some(Malformed::Attribute(kind)));
        }
    }
}

#[test]
fn res_has_whole_octets_from_4_to_16() {
    for bits in 0..=160_u8 {
        let size = usize::from(bits / 8).next_multiple_of(4);
        let value = [&[0, bits], &vec![7; size][..]].concat();
        let right = bits % 8 == 0 && (32..=128).contains(&bits);
        let expected = (!right).then_some(Malformed::Attribute(3));
        assert_eq!(fault(3, &value), expected, "{bits} bits");
    }
}

#[test]
fn an_attribute_stands_once_but_for_kdf() {
    let twice = [octets(13, &[0, 0]), octets(13, &[0, 0])].concat();
    assert_eq!(
        Attributes::parse(&twice).err(),
        Some(Malformed::Repeated(13))
    );
    let twice = [octets(135, &[0, 0]), octets(135, &[0, 0])].concat();
    assert_eq!(
        Attributes::parse(&twice).err(),
        Some(Malformed::Repeated(135))
    );
    let kdfs = [
        octets(24, &[0, 2]),
        octets(24, &[0, 1]),
        octets(24, &[0, 2]),
    ]
    .concat();
    let kdfs: Vec<u16> = Attributes::parse(&kdfs).unwrap().kdfs().collect();
    assert_eq!(kdfs, [2, 1, 2]);
}

#[test]
fn below_128_nothing_unknown_is_skipped() {
    for kind in [0, 5, 8, 9, 18, 25, 127] {
        assert_eq!(fault(kind, &[0, 0]), Some(Malformed::Unknown(kind)));
    }
    for kind in [128, 131, 137, 255] {
        assert_eq!(fault(kind, &[1, 2, 3, 4, 5, 6]), None);
    }
}

#[test]
fn an_attribute_lies_within_its_packet() {
    for cut in [&[13][..], &[13, 0, 0, 0], &[13, 2, 0, 0], &[255, 255]] {
        assert_eq!(
            Attributes::parse(cut).err(),
            Some(Malformed::Truncated(cut[0]))
        );
    }
}

#[test]
fn a_header_says_what_it_is_or_is_refused() {
    let cases: [(&[u8], Malformed); 9] = [
        (&[], Malformed::Short),
        (&[1, 1, 0], Malformed::Short),
        (&[1, 1, 0, 3], Malformed::Short),
        (&[1, 1, 0, 9, 23, 5, 0, 0], Malformed::Short),
        (&[1, 1, 0, 7, 23, 5, 0], Malformed::Short),
        (&[5, 1, 0, 4], Malformed::Code(5)),
        (&[3, 1, 0, 4], Malformed::Bare),
        (&[1, 1, 0, 8, 13, 5, 0, 0], Malformed::Method(13)),
        (&[1, 1, 0, 8, 23, 3, 0, 0], Malformed::Subtype(3)),
    ];
    for (octets, expected) in cases {
        assert_eq!(Packet::parse(octets).err(), Some(expected));
    }
}

#[test]
fn octets_past_the_length_are_the_links() {
    let packet = Packet::parse(&[2, 9, 0, 8, 50, 14, 0, 0, 1, 2, 3]).unwrap();
    assert_eq!(packet.octets().len(), 8);
    assert_eq!(
        (packet.code(), packet.method()),
        (Code::Response, Method::AkaPrime)
    );
}

#[test]
fn a_packet_that_does_not_fit_is_told_at_the_end() {
    let what = (Method::Aka, Subtype::Identity);
    for size in 0..16 {
        let mut room = vec![0; size];
        let writer = PacketWriter::new(&mut room, Code::Response, 1, what);
        let written = writer.put(&Attribute::Identity(b"0001")).finish();
        assert_eq!(written.err(), Some(NoRoom), "{size} octets");
    }
    let mut room = [0; 4000];
    let writer = PacketWriter::new(&mut room, Code::Response, 1, what);
    let long = writer.put(&Attribute::Identity(&[b'0'; 1021])).finish();
    assert_eq!(long.err(), Some(NoRoom));
}

#[test]
fn debug_shows_numbers_and_no_value() {
    let attributes = octets(14, &[0, 4, b'0', b'0', b'1', b'9']);
    let attributes = Attributes::parse(&attributes).unwrap();
    assert_eq!(format!("{attributes:?}"), "[Attribute(14)]");
}

/// Well-formed attributes as they are written, reserved octets and padding zero.
fn canonical() -> impl Strategy<Value = Vec<u8>> {
    let marks =
        prop::sample::select(vec![10, 13, 17, 20, 135]).prop_map(|kind| octets(kind, &[0, 0]));
    let numbers = (
        prop::sample::select(vec![12, 16, 19, 22, 24, 136]),
        any::<u16>(),
    )
        .prop_map(|(kind, number)| octets(kind, &number.to_be_bytes()));
    let nonces = (
        prop::sample::select(vec![2, 7, 11, 21, 129]),
        any::<[u8; 16]>(),
    )
        .prop_map(|(kind, nonce)| octets(kind, &[&[0, 0], &nonce[..]].concat()));
    let text = prop::collection::vec(any::<u8>(), 0..300);
    let counted = (prop::sample::select(vec![14, 23, 132, 133]), text)
        .prop_map(|(kind, text)| octets(kind, &padded(text.len(), &text)));
    let res = prop::collection::vec(any::<u8>(), 4..=16)
        .prop_map(|res| octets(3, &padded(res.len() * 8, &res)));
    let auts = any::<[u8; 14]>().prop_map(|auts| octets(4, &auts));
    let data = prop::collection::vec(any::<[u8; 16]>(), 1..4)
        .prop_map(|data| octets(130, &[&[0, 0], data.as_flattened()].concat()));
    let rands = prop::collection::vec(any::<[u8; 16]>(), 1..4)
        .prop_map(|rands| octets(1, &[&[0, 0], rands.as_flattened()].concat()));
    let other = any::<[u8; 6]>().prop_map(|value| octets(200, &value));
    prop_oneof![
        marks, numbers, nonces, counted, res, auts, data, rands, other
    ]
}

fn padded(count: usize, octets: &[u8]) -> Vec<u8> {
    let mut value = u16::try_from(count).unwrap().to_be_bytes().to_vec();
    value.extend(octets);
    value.resize(2 + octets.len().next_multiple_of(4), 0);
    value
}

proptest! {
    #[test]
    fn what_is_read_is_written_again(list in prop::collection::vec(canonical(), 0..6), identifier: u8) {
        let octets = list.concat();
        let Ok(attributes) = Attributes::parse(&octets) else {
            return Ok(()); // one of them stands twice
        };
        let mut room = [0; 3000];
        let what = (Method::Sim, Subtype::Start);
        let mut writer = PacketWriter::new(&mut room, Code::Request, identifier, what);
        for attribute in attributes.iter() {
            writer = writer.put(&attribute);
        }
        let written = writer.finish().unwrap();
        prop_assert_eq!(&written[8..], octets);
        let packet = Packet::parse(written).unwrap();
        prop_assert_eq!((packet.identifier(), packet.subtype()), (identifier, Subtype::Start));
    }

    #[test]
    fn a_single_attribute_is_always_taken(octets in canonical()) {
        prop_assert_eq!(Attributes::parse(&octets).unwrap().iter().count(), 1);
    }

    #[test]
    fn any_octets_are_read_or_refused(octets in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(packet) = Packet::parse(&octets) {
            prop_assert!(packet.octets().len() <= octets.len());
        }
        if let Ok(attributes) = Attributes::parse(&octets) {
            prop_assert!(attributes.iter().count() * 4 <= octets.len());
        }
    }

    #[test]
    fn a_changed_bit_breaks_the_mac(k_aut: [u8; 32], extra: [u8; 3], at in 0_usize..56, bit in 0_u8..8) {
        let keys = [MacKey::Sha256(&k_aut), MacKey::Sha1(k_aut.first_chunk().unwrap())];
        for key in keys {
            let mut room = [0; 64];
            let what = (Method::AkaPrime, Subtype::Challenge);
            let writer = PacketWriter::new(&mut room, Code::Request, 1, what);
            let writer = writer.put(&Attribute::Rand(&[[7; 16]])).put(&Attribute::ResultInd);
            let packet = writer.finish_with_mac(key, &extra).unwrap();
            prop_assert!(Packet::parse(packet).unwrap().verify_mac(key, &extra));
            prop_assert!(!Packet::parse(packet).unwrap().verify_mac(key, &[]));
            let at = at % packet.len();
            packet[at] ^= 1 << bit;
            let changed = Packet::parse(packet);
            prop_assert!(!changed.is_ok_and(|packet| packet.verify_mac(key, &extra)));
        }
    }
}

#[test]
fn a_packet_without_a_mac_is_not_verified() {
    let packet = Packet::parse(&[1, 1, 0, 8, 23, 1, 0, 0]).unwrap();
    assert!(!packet.verify_mac(MacKey::Sha1(&[0; 16]), &[]));
}

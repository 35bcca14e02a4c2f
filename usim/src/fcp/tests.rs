use proptest::prelude::*;

use super::*;
use crate::script::octets;

const MALFORMED: CardError = CardError::Malformed { what: "FCP" };

#[test]
fn an_application_names_its_aid_and_its_pins() {
    let answer = octets(
        "6235 8202 7821 8302 7fff 8410 a0000000871002ff49ff0589 ffffffff
         a503 800171 8a01 05 8b03 2f0601 c60c 9001 60 8301 01 8301 81 8301 0a",
    );
    let fcp = Fcp::parse(&answer[..]).unwrap();
    assert_eq!(fcp.kind, FileKind::Dedicated);
    assert_eq!(fcp.fid, Some(Fid::CURRENT_ADF));
    assert_eq!(
        fcp.aid,
        Some(&octets("a0000000871002ff49ff0589ffffffff")[..])
    );
    assert_eq!(fcp.life_cycle, Some(5));
    let pins: Vec<_> = fcp
        .pins
        .unwrap()
        .iter()
        .map(|pin| (pin.reference, pin.enabled))
        .collect();
    assert_eq!(pins, [(0x01, false), (0x81, true), (0x0a, true)]);
}

#[test]
fn a_file_of_records_has_their_length_and_number() {
    let fcp = octets("6212 8205 4221 0026 02 8302 2f00 8002 004c 8801 f0");
    let fcp = Fcp::parse(&fcp).unwrap();
    let records = Records {
        length: 0x26,
        count: 2,
    };
    assert_eq!(fcp.kind, FileKind::Linear(records));
    assert_eq!(fcp.kind.records(), Some(records));
    assert_eq!((fcp.size, fcp.sfi), (Some(76), Some(30)));
}

#[test]
fn descriptors_name_every_structure() {
    for (descriptor, kind) in [
        ("8202 3821", FileKind::Dedicated),
        ("8202 4121", FileKind::Transparent),
        ("8201 01", FileKind::Transparent),
        (
            "8205 4621 0010 05",
            FileKind::Cyclic(Records {
                length: 16,
                count: 5,
            }),
        ),
        ("8202 7921", FileKind::BerTlv),
        ("8202 4221", FileKind::Other(0x42)),
        ("8202 c121", FileKind::Other(0xc1)),
    ] {
        let value = octets(descriptor);
        let answer = Writer::new().put(TEMPLATE, &value).into_vec();
        assert_eq!(Fcp::parse(&answer).unwrap().kind, kind, "{descriptor}");
    }
}

#[test]
fn octets_behind_the_template_are_passed_over() {
    let answer = octets("6204 8202 4121 ffff");
    assert_eq!(Fcp::parse(&answer).unwrap().kind, FileKind::Transparent);
}

#[test]
fn a_short_file_identifier_of_no_octets_is_none() {
    let answer = octets("6206 8202 4121 8800");
    assert_eq!(Fcp::parse(&answer).unwrap().sfi, None);
}

#[test]
fn a_template_without_a_descriptor_is_malformed() {
    assert_eq!(Fcp::parse(&octets("6204 8302 6f07")), Err(MALFORMED));
    assert_eq!(Fcp::parse(&octets("6202 8200")), Err(MALFORMED));
}

#[test]
fn another_template_is_malformed() {
    assert_eq!(Fcp::parse(&octets("6f04 8202 4121")), Err(MALFORMED));
    assert_eq!(Fcp::parse(&[]), Err(MALFORMED));
}

#[test]
fn lengths_past_the_end_are_malformed() {
    assert_eq!(Fcp::parse(&octets("6205 8202 4121")), Err(MALFORMED));
    assert_eq!(Fcp::parse(&octets("6204 8203 4121")), Err(MALFORMED));
}

#[test]
fn sizes_of_no_or_five_octets_are_malformed() {
    assert_eq!(Fcp::parse(&octets("6206 8202 4121 8000")), Err(MALFORMED));
    assert_eq!(
        Fcp::parse(&octets("620b 8202 4121 8005 0000000001")),
        Err(MALFORMED)
    );
}

#[test]
fn pins_beyond_the_status_bits_count_as_disabled() {
    let template = octets("9000 8301 01");
    let pins: Vec<_> = PinStates::new(&template).iter().collect();
    assert_eq!(
        pins,
        [PinState {
            reference: 1,
            enabled: false
        }]
    );
}

#[test]
fn a_gsm_directory_counts_the_tries() {
    let answer = octets("0000 0000 7f20 02 0000000000 09 91 00 11 04 00 83 8a 82 89 00");
    let file = GsmFile::parse(&answer).unwrap();
    assert_eq!((file.kind, file.fid), (FileKind::Dedicated, Fid::DF_GSM));
    let chv1 = PinTries {
        pin: 3,
        puk: 10,
        enabled: Some(false),
    };
    assert_eq!(file.chv1, Some(chv1));
    let chv2 = PinTries {
        pin: 2,
        puk: 9,
        enabled: None,
    };
    assert_eq!(file.chv2, Some(chv2));
}

#[test]
fn a_gsm_pin_that_is_not_initialised_is_none() {
    let answer = octets("0000 0000 3f00 01 0000000000 09 11 00 11 04 00 83 8a 00 00 00");
    let file = GsmFile::parse(&answer).unwrap();
    assert_eq!(file.chv1.unwrap().enabled, Some(true));
    assert_eq!(file.chv2, None);
}

#[test]
fn gsm_files_have_their_structure() {
    let transparent = GsmFile::parse(&octets("0000 0009 6f07 04 00 14ff14 01 02 00 00")).unwrap();
    assert_eq!(
        (transparent.kind, transparent.size),
        (FileKind::Transparent, 9)
    );
    let linear = GsmFile::parse(&octets("0000 0038 6f40 04 00 11ff44 01 02 01 1c")).unwrap();
    assert_eq!(
        linear.kind,
        FileKind::Linear(Records {
            length: 28,
            count: 2
        })
    );
    let cyclic = GsmFile::parse(&octets("0000 0009 6f39 04 00 11ff44 01 02 03 03")).unwrap();
    assert_eq!(
        cyclic.kind,
        FileKind::Cyclic(Records {
            length: 3,
            count: 3
        })
    );
}

#[test]
fn a_gsm_answer_cut_short_is_malformed() {
    let malformed = Err(CardError::Malformed {
        what: "answer to SELECT",
    });
    assert_eq!(GsmFile::parse(&octets("0000 0009 6f07")), malformed);
    assert_eq!(
        GsmFile::parse(&octets("0000 0009 6f07 05 00 14ff14 01 02 00 00")),
        malformed
    );
    let no_length = octets("0000 0038 6f40 04 00 11ff44 01 02 01 00");
    assert_eq!(GsmFile::parse(&no_length), malformed);
}

fn kind() -> impl Strategy<Value = FileKind> {
    let records = (1..=255_u8, 1..=254_u8).prop_map(|(length, count)| Records { length, count });
    prop_oneof![
        Just(FileKind::Dedicated),
        Just(FileKind::Transparent),
        Just(FileKind::BerTlv),
        records.clone().prop_map(FileKind::Linear),
        records.prop_map(FileKind::Cyclic),
    ]
}

proptest! {
    #[test]
    fn what_is_encoded_is_parsed(
        kind in kind(),
        fid in prop::option::of(any::<u16>()),
        aid in prop::option::of(prop::collection::vec(any::<u8>(), 1..=16)),
        size in prop::option::of(any::<u32>()),
        sfi in prop::option::of(1..=30_u8),
        life_cycle in prop::option::of(any::<u8>()),
        pins in prop::option::of(prop::collection::vec((any::<u8>(), any::<bool>()), 0..=8)),
    ) {
        let pins = pins.map(|pins| {
            let state = |(reference, enabled)| PinState { reference, enabled };
            pins.into_iter().map(state).collect::<Vec<_>>()
        });
        let template = pins.as_deref().map(PinStates::encode);
        let fcp = Fcp {
            kind,
            fid: fid.map(Fid::new),
            aid: aid.as_deref(),
            size,
            sfi,
            life_cycle,
            pins: template.as_deref().map(PinStates::new),
        };
        let octets = fcp.encode();
        prop_assert_eq!(Fcp::parse(&octets), Ok(fcp));
        let read = Fcp::parse(&octets).unwrap().pins.map(|pins| pins.iter().collect::<Vec<_>>());
        prop_assert_eq!(read, pins);
    }

    #[test]
    fn any_octets_are_parsed_or_refused(answer in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(fcp) = Fcp::parse(&answer) {
            prop_assert_eq!(answer[0], 0x62);
            prop_assert!(fcp.aid.is_none_or(|aid| (1..=16).contains(&aid.len())));
        }
    }
}

//! Polite refusals, and the ways in which cards differ from the book.

use usim::{
    soft::{Profile, Quirk, SoftCard},
    transport::{Protocol, Transport, TransportErrorKind, TransportKind},
};

use crate::desk::{Desk, ISIM, USIM};

#[test]
fn what_the_card_does_not_know_is_refused_politely() {
    let mut desk = Desk::new();
    for (command, status) in [
        ("00ca000000", "6d00"),
        ("0084000008", "6d00"),
        ("8050000008", "6d00"),
        ("a0320000 03 000001", "6d00"),
        ("20a40000023f00", "6e00"),
        ("ffca000000", "6e00"),
        ("b0a40000023f00", "6e00"),
        ("04a4000c023f00", "6882"),
        ("0ca4000c023f00", "6882"),
        ("60a4000c023f00", "6882"),
        ("50a4000c023f00", "6884"),
        ("00a400", "6700"),
        ("00a4000c053f00", "6700"),
        ("", "6700"),
        ("00f2000000", "6d00"),
        ("00c0000100", "6a86"),
        ("00c0000000", "6985"),
        ("a0c0000000", "9808"),
        ("801200000b", "6985"),
        ("80140000 01 00", "9000"),
        ("80100000 01 00", "9000"),
        ("80aa0000 02 a900", "9000"),
    ] {
        assert_eq!(desk.send(command), status, "{command}");
    }
}

#[test]
fn get_response_gives_parts_and_corrects_too_much() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("00a40004022fe2"), "6119");
    assert_eq!(desk.send("00c0000000"), "6c19");
    assert_eq!(desk.send("00c0000002"), "62176117");
    assert_eq!(desk.send("00c0000017").len(), 2 * 25);
    assert_eq!(desk.send("00c0000001"), "6985");
}

#[test]
fn another_command_drops_what_waited() {
    let mut desk = Desk::new();
    desk.send("00a40004022fe2");
    desk.send("00b0000001");
    assert_eq!(desk.send("00c0000019"), "6985");
}

#[test]
fn the_transport_tells_what_the_card_is() {
    let info = Desk::new().card.info();
    assert_eq!(info.kind, TransportKind::Soft);
    assert_eq!(info.protocol, Some(Protocol::T0));
    assert_eq!(info.atr.unwrap()[..3], [0x3b, 0x8e, 0x80]);
}

#[test]
fn a_buffer_too_small_is_an_error() {
    let mut card = SoftCard::new(Profile::default());
    for size in [0, 1] {
        let error = card
            .transmit(&[0x00, 0xa4], &mut [0; 2][..size])
            .unwrap_err();
        assert_eq!(error.kind(), TransportErrorKind::BufferTooSmall);
    }
}

#[test]
fn debug_shows_no_secret() {
    let text = format!("{:?}", Desk::new());
    for secret in [
        "465b5ce8",
        "cd63cb71",
        "70, 91, 92",
        "49, 50, 51, 52",
        "001010000000001",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[test]
fn ef_dir_has_empty_records_long_ones_two_usims_or_is_not_there() {
    let mut desk = Desk::quirk(Quirk::EmptyDirectoryRecords);
    desk.file("2f00");
    assert_eq!(desk.send("00b2010426"), "ff".repeat(38) + "9000");
    assert!(desk.send("00b2020426").contains(USIM));
    assert_eq!(desk.send("00b2040426"), "ff".repeat(38) + "9000");

    let mut desk = Desk::quirk(Quirk::LongDirectoryRecords);
    desk.file("2f00");
    assert_eq!(desk.send("00b2010426"), "6c7f");

    let mut desk = Desk::quirk(Quirk::TwoUsims);
    desk.file("2f00");
    assert!(
        desk.send("00b2020426")
            .contains(&USIM.replace("0100", "0200"))
    );
    assert!(desk.send("00b2030426").contains(ISIM));

    assert_eq!(
        Desk::quirk(Quirk::NoDirectory).send("00a4000c022f00"),
        "6a82"
    );
    let mut desk = Desk::quirk(Quirk::UnreadableDirectory);
    desk.file("2f00");
    assert_eq!(desk.send("00b2010426"), "6982");
}

#[test]
fn ef_ad_may_have_3_octets() {
    let mut desk = Desk::quirk(Quirk::ShortAd);
    desk.application(USIM);
    desk.file("6fad");
    assert_eq!(desk.fetch("00b0000000"), "0000009000");
}

#[test]
fn an_fcp_of_256_octets_is_announced_with_6100() {
    let mut desk = Desk::quirk(Quirk::LongFcp);
    assert_eq!(desk.send("00a40004022fe2"), "6100");
    let answer = desk.send("00c0000000");
    assert_eq!(answer.len(), 2 * 258);
    assert!(answer.starts_with("6281fd82024121"));
    assert!(answer.contains("a581e3c181e0ff"), "{answer}");
}

#[test]
fn select_may_end_with_a_warning_and_data_behind_it() {
    let mut desk = Desk::quirk(Quirk::SelectWarning);
    assert_eq!(desk.send("00a40004022fe2"), "6283");
    assert!(desk.send("00c0000019").ends_with("8801109000"));
    assert_eq!(desk.send("00a4000c022fe2"), "9000");
}

#[test]
fn endless_loops_are_endless() {
    let mut desk = Desk::quirk(Quirk::EndlessMoreData);
    desk.send("00a40004022fe2");
    for _ in 0..50 {
        assert_eq!(desk.send("00c0000010"), "6110");
    }
    let mut desk = Desk::quirk(Quirk::EndlessWrongLength);
    desk.file("2fe2");
    let mut length = "0a".to_owned();
    for _ in 0..50 {
        let answer = desk.send(&format!("00b00000{length}"));
        assert_eq!(answer[..2], *"6c");
        assert_ne!(answer[2..], length);
        length = answer[2..].to_owned();
    }
}

#[test]
fn a_proactive_command_waits_after_authenticate_until_it_is_fetched() {
    let mut desk = Desk::quirk(Quirk::Proactive);
    desk.application(USIM);
    let command = format!("0088008011 10{}", "00".repeat(16));
    assert_eq!(desk.send(&command), "610e");
    assert!(desk.send("00c000000e").ends_with("910b"));
    assert_eq!(desk.send("00a4000c023f00"), "910b");
    assert_eq!(
        desk.send("801200000b"),
        "d009810301020082028182 9000".replace(' ', "")
    );
    assert_eq!(desk.send("801400000c 810301020082028281830100"), "9000");
    assert_eq!(desk.send("00a4000c023f00"), "9000");
}

#[test]
fn a_busy_card_answers_after_its_first_command() {
    let mut desk = Desk::quirk(Quirk::BusyAtFirst);
    assert_eq!(desk.send("00a4000c023f00"), "9300");
    assert_eq!(desk.send("00a4000c023f00"), "9000");
    desk.card.reset().unwrap();
    assert_eq!(desk.send("00a4000c023f00"), "9300");
}

#[test]
fn a_usim_may_refuse_class_a0() {
    assert_eq!(Desk::quirk(Quirk::NoGsm).send("a0a40000023f00"), "6e00");
}

#[test]
fn a_card_that_vanishes_gives_a_short_answer() {
    let mut desk = Desk::quirk(Quirk::VanishOnAuthenticate);
    desk.application(USIM);
    let command = hex::decode(format!("008800801110{}", "00".repeat(16))).unwrap();
    let error = desk.card.transmit(&command, &mut [0; 258]).unwrap_err();
    assert_eq!(error.kind(), TransportErrorKind::ShortAnswer);
}

#[test]
fn a_card_may_have_no_isim() {
    let mut desk = Desk::with(Profile::from_toml("isim = false").unwrap());
    assert_eq!(desk.send(&format!("00a4040c10{ISIM}")), "6a82");
    desk.file("2f00");
    assert_eq!(desk.send("00b2020426"), "6a83");
}

#[test]
fn seek_finds_a_record_by_its_front() {
    let mut desk = Desk::new();
    desk.send("a0a40000027f10");
    desk.send("a0a40000026f3a");
    assert_eq!(desk.send(&format!("a0dc030418{}", "41".repeat(24))), "9000");
    assert_eq!(desk.send("a0a20010 02 4141"), "9f01");
    assert_eq!(desk.send("a0c0000001"), "039000");
    assert_eq!(desk.send("a0a20000 02 4141"), "9000");
    assert_eq!(desk.send("a0b2000418"), "41".repeat(24) + "9000");
    assert_eq!(desk.send("a0a20002 02 4141"), "9404");
    assert_eq!(desk.send("a0a20001 02 4141"), "9000");
    assert_eq!(desk.send("a0a20004 02 4141"), "6b00");
    assert_eq!(desk.send("a0a21000 02 4141"), "6b00");
    assert_eq!(desk.send("a0b2ff0418"), "9402");
}

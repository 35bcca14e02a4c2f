use usim::soft::Quirk;

use crate::desk::{Desk, ISIM, USIM};

const MF: &str =
    "622682027821 83023f00 a503800171 8a0105 8b032f0601 c60f90014083010183018195010083 0111";

fn fcp(text: &str) -> String {
    let text = text.replace(' ', "");
    format!("{text}9000")
}

#[test]
fn the_mf_is_selected_by_its_identifier_by_nothing_and_by_any_class_of_an_open_channel() {
    let mut desk = Desk::new();
    assert_eq!(desk.fetch("00a40004023f00"), fcp(MF));
    assert_eq!(desk.fetch("00a4000400"), fcp(MF));
    assert_eq!(desk.send("01a40004023f00"), "6881");
}

#[test]
fn an_ef_gives_its_descriptor_identifier_rule_size_and_short_identifier() {
    let mut desk = Desk::new();
    let expected = "6217 82024121 83022fe2 8a0105 8b032f0601 8002000a 880110";
    assert_eq!(desk.fetch("00a40004022fe2"), fcp(expected));
}

#[test]
fn a_linear_file_gives_the_size_and_number_of_its_records() {
    let mut desk = Desk::new();
    let expected = "621a 82054221002602 83022f00 8a0105 8b032f0601 8002004c 8801f0";
    assert_eq!(desk.fetch("00a40004022f00"), fcp(expected));
}

#[test]
fn p2_0c_gives_no_data() {
    assert_eq!(Desk::new().send("00a4000c022fe2"), "9000");
    assert_eq!(Desk::t1().send("00a4000c022fe200"), "9000");
}

#[test]
fn under_t1_the_fcp_comes_at_once_and_without_le_by_get_response() {
    let mut desk = Desk::t1();
    assert_eq!(desk.send("00a40004023f0000"), fcp(MF));
    assert_eq!(desk.send("00a40004023f00"), "6128");
    assert_eq!(desk.send("00c0000000"), fcp(MF));
}

#[test]
fn under_t1_a_short_le_gives_the_front_and_announces_the_rest() {
    let mut desk = Desk::t1();
    assert_eq!(desk.send("00a40004023f0002"), "62266126");
    assert_eq!(desk.send("00c0000026"), fcp(&MF.replace(' ', "")[4..]));
}

#[test]
fn p2_zero_is_refused_unless_the_card_is_lenient() {
    assert_eq!(Desk::new().send("00a40000023f00"), "6a86");
    assert_eq!(
        Desk::quirk(Quirk::SelectP2Zero).fetch("00a40000023f00"),
        fcp(MF)
    );
}

#[test]
fn an_application_is_selected_by_its_full_name() {
    let mut desk = Desk::new();
    let answer = desk.fetch(&format!("00a4040410{USIM}"));
    let expected = format!(
        "6233 82027821 83027fff 8410{USIM} 8a0105 8b036f0601 c60f900140830101830181950100830111"
    );
    assert_eq!(answer, fcp(&expected));
}

#[test]
fn an_application_is_selected_by_a_truncated_name() {
    let mut desk = Desk::new();
    assert!(desk.fetch("00a4040407a0000000871004").contains(ISIM));
    assert!(desk.fetch("00a4040405a000000087").contains(USIM));
}

#[test]
fn a_wrong_or_longer_name_is_not_found_and_changes_nothing() {
    let mut desk = Desk::new();
    desk.application(USIM);
    assert_eq!(desk.send("00a4040c07a0000000871009"), "6a82");
    assert_eq!(desk.send("00a4040c08a000000087100200"), "6a82");
    assert_eq!(desk.send(&format!("00a4040c11{USIM}00")), "6700");
    assert_eq!(desk.send("00a4000c026f07"), "9000");
}

#[test]
fn occurrences_of_a_truncated_name_are_walked_both_ways() {
    let mut desk = Desk::quirk(Quirk::TwoUsims);
    let second = USIM.replace("0100", "0200");
    let name = "07a0000000871002";
    assert!(desk.fetch(&format!("00a40404{name}")).contains(USIM));
    assert!(desk.fetch(&format!("00a40406{name}")).contains(&second));
    assert_eq!(desk.send(&format!("00a40406{name}")), "6a82");
    assert!(desk.fetch(&format!("00a40407{name}")).contains(USIM));
    assert_eq!(desk.send(&format!("00a40407{name}")), "6a82");
    assert!(desk.fetch(&format!("00a40405{name}")).contains(&second));
}

#[test]
fn paths_lead_from_the_mf_and_from_the_current_directory() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("00a4080c027f20"), "9000");
    assert_eq!(desk.send("00a4080c047f206f07"), "9000");
    assert_eq!(desk.send("00a4090c026f07"), "9000");
    assert_eq!(desk.send("00a4080c047fff6f07"), "6a82");
    desk.application(USIM);
    assert_eq!(desk.send("00a4080c047fff6f07"), "9000");
    assert_eq!(desk.send("00a4080c067fff5fc04f01"), "9000");
    assert_eq!(desk.send("00a4080c047f206f07"), "9000");
    desk.application(USIM);
    assert_eq!(desk.send("00a4090c045fc04f01"), "9000");
    assert_eq!(desk.send("00a4090c047fff6f07"), "6a82");
    assert_eq!(desk.send("00a4080c035fc04f"), "6700");
}

#[test]
fn children_and_parents_are_selected() {
    let mut desk = Desk::new();
    desk.application(USIM);
    assert_eq!(desk.send("00a4010c025fc0"), "9000");
    assert_eq!(desk.send("00a4010c024f01"), "6a82");
    assert!(desk.fetch("00a4030400").contains(USIM));
    assert_eq!(desk.fetch("00a4030400"), fcp(MF));
    assert_eq!(desk.send("00a4030400"), "6a82");
    assert_eq!(desk.send("00a4030c023f00"), "6700");
}

#[test]
fn identifiers_are_seen_as_the_standard_says() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("00a4000c026f07"), "6a82"); // not from the MF
    assert_eq!(desk.send("00a4000c027fff"), "6a82"); // no application yet
    desk.application(USIM);
    desk.file("5fc0"); // a child
    desk.file("5fc0"); // the current one
    desk.file("7fff"); // the current application, also as the parent
    desk.file("7f20"); // a directory beside it
    desk.file("7f10"); // a sibling
    assert_eq!(desk.send("00a4000c022fe2"), "6a82"); // a file beside it
    desk.file("7fff"); // still the current application
    desk.file("3f00");
    desk.file("2fe2");
}

#[test]
fn terminating_an_application_leads_back_to_the_mf() {
    let mut desk = Desk::new();
    desk.application(USIM);
    assert_eq!(desk.send(&format!("00a4044c10{USIM}")), "9000");
    desk.file("2fe2");
    assert_eq!(desk.send("00a4000c026f07"), "6a82");
}

#[test]
fn parameters_of_no_standard_are_refused() {
    let mut desk = Desk::new();
    for (command, status) in [
        ("00a4020c022fe2", "6a86"),
        ("00a40a0c022fe2", "6a86"),
        ("00a4008c022fe2", "6a86"),
        ("00a4000e022fe2", "6a86"),
        ("00a40008022fe2", "6a86"),
        ("00a4000c012f", "6700"),
        ("00a4000c032fe200", "6700"),
        ("00a4010c012f", "6700"),
    ] {
        assert_eq!(desk.send(command), status, "{command}");
    }
}

#[test]
fn status_tells_the_current_directory_and_the_current_application() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("80f2000028"), fcp(MF));
    assert_eq!(desk.send("80f20000 00"), "6c28");
    assert_eq!(desk.send("80f2000c"), "9000");
    assert_eq!(desk.send("80f2000112"), "6985");
    desk.application(USIM);
    desk.file("5fc0");
    assert_eq!(desk.send("80f2000112"), format!("8410{USIM}9000"));
    assert_eq!(desk.send("80f2030000"), "6a86");
    assert_eq!(desk.send("80f2000300"), "6a86");
}

#[test]
fn a_2g_phone_gets_9f_and_22_or_15_octets() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("a0a40000027f20"), "9f16");
    let df = "00000000 7f20 02 0000000000 09 93 00 0d 04 00 83 8a 83 8a".replace(' ', "");
    assert_eq!(desk.send("a0c0000016"), format!("{df}9000"));
    assert_eq!(desk.send("a0f2000016"), format!("{df}9000"));
    assert_eq!(desk.send("a0a40000026f07"), "9f0f");
    let ef = "0000 0009 6f07 04 00 14 ff 44 01 02 00 00".replace(' ', "");
    assert_eq!(desk.send("a0c000000f"), format!("{ef}9000"));
    assert_eq!(desk.send("a0b0000009"), "0809101000000000109000");
    assert_eq!(desk.send("a0b000000a"), "6709");
    assert_eq!(desk.send("a0a40000026fff"), "9404");
}

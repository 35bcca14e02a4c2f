use crate::desk::{Desk, ISIM, USIM};

/// `text` in a TLV with tag 80, in hexadecimal.
fn text(text: &str) -> String {
    format!("80{:02x}{}", text.len(), hex::encode(text))
}

#[test]
fn ef_dir_names_both_applications() {
    let mut desk = Desk::new();
    desk.file("2f00");
    assert_eq!(
        desk.send("00b2010426"),
        format!("61184f10{USIM}5004{}", hex::encode("USIM")) + &"ff".repeat(12) + "9000"
    );
    assert_eq!(
        desk.send("00b2020426"),
        format!("61184f10{ISIM}5004{}", hex::encode("ISIM")) + &"ff".repeat(12) + "9000"
    );
    assert_eq!(desk.send("00b2030426"), "6a83");
}

#[test]
fn the_iccid_is_read_by_short_identifier() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("00b082000a"), "980001010000000010f99000");
    assert_eq!(desk.send("00b0820500"), "6c05");
    assert_eq!(desk.send("00b082050500"), "6700");
    assert_eq!(desk.send("00b09f000a"), "6a82");
    assert_eq!(desk.send("00b0c2000a"), "6a86");
}

#[test]
fn the_files_of_the_usim_hold_the_profile() {
    let mut desk = Desk::new();
    desk.application(USIM);
    for (fid, read, content) in [
        ("6f07", "00b0000009", "080910100000000010"),
        ("6fad", "00b0000004", "00000002"),
        ("6f46", "00b0000008", "0073696d6b6579ff"),
        (
            "6f40",
            "00b2010418",
            "ffffffffffffffffffff099100010100000000f1ffffffff",
        ),
        ("6f7e", "00b000000b", "ffffffffffffff0000ff01"),
        ("6fd6", "00b0000004", "000000ff"),
        ("6fda", "00b2010480", &"ff".repeat(128)),
        ("6f38", "00b0000010", "02001404210000000800100000000006"),
    ] {
        desk.file(fid);
        assert_eq!(
            desk.send(read),
            format!("{content}9000").replace(' ', ""),
            "{fid}"
        );
    }
    desk.file("5fc0");
    desk.file("4f06");
    assert_eq!(desk.send("00b0000004"), "000000009000");
}

#[test]
fn the_files_of_the_isim_follow_from_the_imsi() {
    let mut desk = Desk::new();
    desk.application(ISIM);
    let domain = "ims.mnc001.mcc001.3gppnetwork.org";
    for (fid, read, value) in [
        ("6f02", "00b0000000", format!("001010000000001@{domain}")),
        ("6f03", "00b0000000", domain.to_owned()),
        (
            "6f04",
            "00b2010400",
            format!("sip:001010000000001@{domain}"),
        ),
    ] {
        desk.file(fid);
        let answer = desk.fetch(read);
        assert!(answer.starts_with(&text(&value)), "{fid}: {answer}");
        assert_eq!(answer.len(), 2 * 130, "{fid}");
    }
}

#[test]
fn the_access_rules_name_the_key_references() {
    let mut desk = Desk::new();
    desk.file("2f06");
    assert_eq!(
        desk.send("00b2030418"),
        "800101a406830101950108800102a40683010a950108ffff9000"
    );
}

#[test]
fn under_t0_a_wrong_le_is_corrected_and_under_t1_zero_means_all() {
    let mut desk = Desk::new();
    desk.file("2fe2");
    assert_eq!(desk.send("00b0000000"), "6c0a");
    assert_eq!(desk.send("00b00000"), "6c0a");
    assert_eq!(desk.send("00b00000ff"), "6c0a");
    assert_eq!(desk.send("00b0000003"), "9800019000");
    let mut desk = Desk::t1();
    desk.file("2fe2");
    assert_eq!(desk.send("00b0000000"), "980001010000000010f99000");
    assert_eq!(desk.send("00b00000ff"), "6c0a");
    assert_eq!(desk.send("00b00000"), "6700");
    assert_eq!(desk.send("00b00000000000"), "980001010000000010f99000");
}

#[test]
fn reading_behind_the_end_is_refused() {
    let mut desk = Desk::new();
    desk.file("2fe2");
    assert_eq!(desk.send("00b0000a01"), "6b00");
    assert_eq!(desk.send("00b0000901"), "f99000");
    assert_eq!(desk.send("00b0000902"), "6c01");
}

#[test]
fn a_record_asked_for_with_ff_is_corrected() {
    for mut desk in [Desk::new(), Desk::t1()] {
        desk.file("2f00");
        assert_eq!(desk.send("00b20104ff"), "6c26");
    }
}

#[test]
fn records_are_read_next_previous_absolute_and_current() {
    let mut desk = Desk::new();
    desk.file("2f06");
    let mut number = |command: &str| desk.send(command);
    let records: Vec<_> = (1..=5)
        .map(|n| number(&format!("00b2{n:02x}0418")))
        .collect();
    assert_eq!(number("00b2000418"), "6a83", "the pointer points nowhere");
    assert_eq!(number("00b2000218"), records[0]);
    assert_eq!(number("00b2000218"), records[1]);
    assert_eq!(number("00b2000418"), records[1]);
    assert_eq!(
        number("00b2040418"),
        records[3],
        "absolute leaves the pointer"
    );
    assert_eq!(number("00b2000318"), records[0]);
    assert_eq!(number("00b2000318"), "6a83");
}

#[test]
fn previous_begins_at_the_end_and_next_stops_there() {
    let mut desk = Desk::new();
    desk.file("2f00");
    let last = desk.send("00b2020426");
    assert_eq!(desk.send("00b2000326"), last);
    assert_eq!(desk.send("00b2000226"), "6a83");
}

#[test]
fn binaries_and_records_are_updated() {
    let mut desk = Desk::new();
    desk.application(USIM);
    desk.file("6f7e");
    assert_eq!(desk.send("00d6000402 1234"), "9000");
    assert_eq!(
        desk.send("00b000000b"),
        "ffffffff12340000ff019000".replace("12340000ff01", "1234ff0000ff01")
    );
}

#[test]
fn updates_stay_inside_the_file() {
    let mut desk = Desk::new();
    desk.application(USIM);
    desk.file("6f7e");
    assert_eq!(desk.send("00d6000a021234"), "6b00");
    assert_eq!(desk.send("00d60000"), "6700");
    desk.file("6f40");
    assert_eq!(desk.send("00dc010402ffff"), "6700");
    assert_eq!(desk.send(&format!("00dc020418{}", "00".repeat(24))), "6a83");
    assert_eq!(desk.send(&format!("00dc010418{}", "11".repeat(24))), "9000");
    assert_eq!(desk.send("00b2010418"), "11".repeat(24) + "9000");
}

#[test]
fn linked_files_show_the_same_octets() {
    let mut desk = Desk::new();
    desk.application(USIM);
    desk.file("6f7e");
    assert_eq!(desk.send("00d600000b0102030405060708090a0b"), "9000");
    desk.send("a0a40000023f00");
    desk.send("a0a40000027f20");
    desk.send("a0a40000026f7e");
    assert_eq!(desk.send("a0b000000b"), "0102030405060708090a0b9000");
}

#[test]
fn a_cyclic_file_takes_the_newest_record_in_front() {
    let mut desk = Desk::new();
    desk.file("7f10");
    assert!(
        desk.fetch("00a40004026f44")
            .starts_with("62198205462100180a")
    );
    assert_eq!(desk.send(&format!("00dc000318{}", "01".repeat(24))), "9000");
    assert_eq!(desk.send(&format!("00dc000318{}", "02".repeat(24))), "9000");
    assert_eq!(desk.send("00b2010418"), "02".repeat(24) + "9000");
    assert_eq!(desk.send("00b2020418"), "01".repeat(24) + "9000");
    assert_eq!(desk.send(&format!("00dc010418{}", "03".repeat(24))), "6981");
    assert_eq!(
        desk.send("00b2000318"),
        "ff".repeat(24) + "9000",
        "previous wraps"
    );
}

#[test]
fn the_wrong_kind_of_file_is_refused() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("00b000000a"), "6986");
    assert_eq!(desk.send("00b201040a"), "6986");
    desk.file("2fe2");
    assert_eq!(desk.send("00b201040a"), "6981");
    desk.file("2f00");
    assert_eq!(desk.send("00b000000a"), "6981");
    assert_eq!(desk.send("00b2010526"), "6a86");
}

#[test]
fn the_issuer_alone_may_update_the_identity() {
    let mut desk = Desk::new();
    desk.application(USIM);
    desk.file("6f07");
    assert_eq!(desk.send("00d6000009080910100000000010"), "6982");
}

#[test]
fn records_are_searched_forward_backward_and_from_a_place() {
    let mut desk = Desk::new();
    desk.file("2f06");
    assert_eq!(
        desk.fetch(
            "00a201040a800101a406830101950108"
                .replace("0a80", "0980")
                .as_str()
        ),
        "6700"
    );
    assert_eq!(desk.fetch("00a2010403830181"), "059000");
    assert_eq!(desk.fetch("00a2010403900080"), "01029000");
    assert_eq!(desk.fetch("00a2050502a406"), "05040302019000");
    assert_eq!(desk.fetch("00a2030402a406"), "0304059000");
    assert_eq!(desk.send("00a2010402eeee"), "6282");
    // enhanced: from octet 7 of each record on; behind the first A4
    assert_eq!(desk.fetch("00a20106040407a406"), "01020304059000");
    assert_eq!(desk.fetch("00a20106040ca4a406"), "0304059000");
    // from the next record on; the pointer stands on 3
    assert_eq!(desk.fetch("00a20006040600a406"), "04059000");
    assert_eq!(desk.fetch("00a20006040700a406"), "0302019000");
    assert_eq!(desk.send("00a20106020400"), "6700");
    assert_eq!(desk.send("00a2010603030000"), "6a80");
    assert_eq!(desk.send("00a2010702a406"), "6a86");
}

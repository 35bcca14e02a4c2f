//! Files, and what they say.

use super::*;

#[test]
fn the_imsi_is_read_from_the_usim_that_ef_dir_names() {
    let script = usim_only(&[
        ("00a4000402 6f07 00", transparent(9)),
        ("00b0000009", "08 09 10 10 00 00 00 00 10 9000"),
    ]);
    let mut card = open(&script);
    assert_eq!(
        card.usim().unwrap().imsi().unwrap().as_str(),
        "001010000000001"
    );
    script.finish();
}

#[test]
fn a_file_whose_fcp_is_malformed_is_read_all_the_same() {
    let script = usim_only(&[
        ("00a4000402 6f07 00", "6f01 00 9000"),
        ("00b0000000", "6c09"),
        ("00b0000009", "08 09 10 10 00 00 00 00 10 9000"),
    ]);
    let mut card = open(&script);
    assert_eq!(
        card.usim().unwrap().imsi().unwrap().as_str(),
        "001010000000001"
    );
    script.finish();
}

#[test]
fn an_ef_ad_of_3_octets_says_nothing_of_the_mnc() {
    let script = usim_only(&[
        ("00a4000402 6fad 00", transparent(3)),
        ("00b0000003", "000000 9000"),
    ]);
    assert_eq!(open(&script).usim().unwrap().mnc_length().unwrap(), None);
    script.finish();
}

#[test]
fn ef_ad_tells_the_length_of_the_mnc() {
    let script = usim_only(&[
        ("00a4000402 6fad 00", transparent(4)),
        ("00b0000004", "00000003 9000"),
    ]);
    let length = open(&script).usim().unwrap().mnc_length().unwrap();
    assert_eq!(length, Some(MncLength::Three));
    script.finish();
}

#[test]
fn a_card_without_ef_ad_says_nothing_of_the_mnc() {
    let script = usim_only(&[("00a4000402 6fad 00", "6a82")]);
    assert_eq!(open(&script).usim().unwrap().mnc_length().unwrap(), None);
    script.finish();
}

#[test]
fn long_files_are_read_in_pieces() {
    let script = usim_only(&[
        ("00a4000402 6f38 00", "6208 8202 4121 8002 0110 9000"),
        ("00b0000000", "01*256 9000"),
        ("00b0010010", "02*16 9000"),
    ]);
    let mut card = open(&script);
    let file = card.usim().unwrap().session().read(&[Fid::EF_UST]).unwrap();
    assert_eq!((file.len(), file[255], file[256]), (272, 1, 2));
    script.finish();
}

#[test]
fn files_below_a_directory_are_selected_step_by_step_from_the_adf() {
    let script = usim_only(&[
        ("00a4000402 5fc0 00", "6204 8202 7821 9000"),
        ("00a4000402 4f07 00", transparent(1)),
        ("00b0000001", "07 9000"),
        ("00a4000402 7fff 00", "6204 8202 7821 9000"),
        ("00a4000402 6fad 00", transparent(4)),
        ("00b0000004", "00000002 9000"),
    ]);
    let mut card = open(&script);
    let mut usim = card.usim().unwrap();
    let file = usim
        .session()
        .read(&[Fid::DF_5GS, Fid::new(0x4f07)])
        .unwrap();
    assert_eq!(file, [7]);
    assert_eq!(usim.mnc_length().unwrap(), Some(MncLength::Two));
    script.finish();
}

#[test]
fn the_iccid_is_read_at_the_mf() {
    let script = with(&[vec![
        OPEN,
        MF,
        ("00a4000402 2fe2 00", transparent(10)),
        ("00b000000a", "98 10 10 32 54 76 98 10 32 f4 9000"),
    ]]);
    assert_eq!(
        open(&script).iccid().unwrap().as_str(),
        "8901012345678901234"
    );
    script.finish();
}

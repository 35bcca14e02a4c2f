use usim::soft::{Profile, Quirk};

use crate::desk::{Desk, USIM};

const RIGHT: &str = "31323334ffffffff";
const WRONG: &str = "30303030ffffffff";
const NEW: &str = "3434343434343434";
const PUK: &str = "3132333435363738";
const UNIVERSAL: &str = "39393939ffffffff";

/// A card whose PIN1 has to be verified.
fn locked() -> Desk {
    Desk::with(Profile::from_toml("[pin1]\nenabled = true").unwrap())
}

/// The status of reading EF_IMSI, which PIN1 protects.
fn read(desk: &mut Desk) -> String {
    desk.application(USIM);
    desk.file("6f07");
    desk.send("00b0000009")[..]
        .chars()
        .rev()
        .take(4)
        .collect::<Vec<_>>()
        .iter()
        .rev()
        .collect()
}

#[test]
fn without_data_verify_tells_the_tries_left() {
    let mut desk = locked();
    assert_eq!(desk.send("00200001"), "63c3");
    assert_eq!(desk.send("00200081"), "63c3");
    assert_eq!(desk.send("00200011"), "63c3");
    assert_eq!(desk.send("002c0001"), "63ca");
    assert_eq!(desk.send("00200002"), "6a88");
    assert_eq!(desk.send("00200101"), "6a86");
}

#[test]
fn files_behind_pin1_open_with_it_and_close_with_a_reset() {
    use usim::transport::Transport;
    let mut desk = locked();
    assert_eq!(read(&mut desk), "6982");
    assert_eq!(desk.send(&format!("0020000108{RIGHT}")), "9000");
    assert_eq!(read(&mut desk), "9000");
    desk.card.reset().unwrap();
    assert_eq!(read(&mut desk), "6982");
}

#[test]
fn authenticate_needs_pin1() {
    let mut desk = locked();
    desk.application(USIM);
    let command = format!("0088008011 10{}", "00".repeat(16));
    assert_eq!(desk.send(&command), "6982");
    desk.send(&format!("0020000108{RIGHT}"));
    assert_eq!(desk.send(&command), "610e");
}

#[test]
fn a_wrong_pin_counts_down_closes_and_a_right_one_gives_the_tries_back() {
    let mut desk = locked();
    assert_eq!(desk.send(&format!("0020000108{RIGHT}")), "9000");
    assert_eq!(desk.send(&format!("0020000108{WRONG}")), "63c2");
    assert_eq!(read(&mut desk), "6982");
    assert_eq!(desk.send(&format!("0020000108{WRONG}")), "63c1");
    assert_eq!(desk.send(&format!("0020000108{RIGHT}")), "9000");
    assert_eq!(desk.send("00200001"), "63c3");
}

#[test]
fn three_wrong_pins_block_and_the_puk_opens() {
    let mut desk = locked();
    for status in ["63c2", "63c1", "6983", "6983"] {
        assert_eq!(desk.send(&format!("0020000108{WRONG}")), status);
    }
    assert_eq!(desk.send(&format!("0020000108{RIGHT}")), "6983");
    assert_eq!(desk.send("00200001"), "6983");
    assert_eq!(desk.send(&format!("002c000110{WRONG}{NEW}")), "63c9");
    assert_eq!(desk.send(&format!("002c000110{PUK}{NEW}")), "9000");
    assert_eq!(read(&mut desk), "9000");
    assert_eq!(desk.send(&format!("0020000108{NEW}")), "9000");
    assert_eq!(desk.send("002c0001"), "63ca");
}

#[test]
fn ten_wrong_puks_block_for_good() {
    let mut desk = locked();
    for left in (1..10).rev() {
        let answer = desk.send(&format!("002c000110{WRONG}{NEW}"));
        assert_eq!(answer, format!("63c{left:x}"));
    }
    assert_eq!(desk.send(&format!("002c000110{WRONG}{NEW}")), "6983");
    assert_eq!(desk.send(&format!("002c000110{PUK}{NEW}")), "6983");
    assert_eq!(desk.send("002c0001"), "6983");
}

#[test]
fn a_pin_is_changed_disabled_and_enabled() {
    let mut desk = locked();
    assert_eq!(desk.send(&format!("0024000110{RIGHT}{NEW}")), "9000");
    assert_eq!(desk.send(&format!("0020000108{RIGHT}")), "63c2");
    assert_eq!(desk.send(&format!("0026000108{NEW}")), "9000");
    assert_eq!(read(&mut desk), "9000");
    assert_eq!(desk.send(&format!("0020000108{NEW}")), "6984");
    assert_eq!(desk.send(&format!("0024000110{NEW}{RIGHT}")), "6984");
    assert_eq!(desk.send(&format!("0026000108{NEW}")), "6984");
    assert_eq!(desk.send(&format!("0028000108{WRONG}")), "63c2");
    assert_eq!(desk.send(&format!("0028000108{NEW}")), "9000");
    assert_eq!(desk.send(&format!("0028000108{NEW}")), "6985");
}

#[test]
fn a_new_pin_has_4_to_8_digits() {
    let mut desk = locked();
    for malformed in ["313233ffffffffff", "31323334ff35ffff", "4142434445464748"] {
        assert_eq!(desk.send(&format!("0024000110{RIGHT}{malformed}")), "6a80");
        assert_eq!(desk.send(&format!("002c000110{PUK}{malformed}")), "6a80");
    }
    assert_eq!(desk.send("00200001"), "63c3");
    assert_eq!(desk.send("002c0001"), "63ca");
}

#[test]
fn codes_of_another_length_are_refused() {
    let mut desk = locked();
    for command in [
        "00200001 04 31323334",
        "00240001 08 31323334ffffffff",
        "00260001",
        "00280001 01 31",
        "002c0001 11 3132333435363738 31323334ffffffff 00",
    ] {
        assert_eq!(desk.send(command), "6700", "{command}");
    }
    assert_eq!(desk.send("00200001"), "63c3");
}

#[test]
fn the_universal_pin_may_stand_in_for_pin1() {
    let mut desk = Desk::with(
        Profile::from_toml("[pin1]\nenabled = true\n[universal-pin]\nenabled = true").unwrap(),
    );
    assert_eq!(desk.send(&format!("0026800108{RIGHT}")), "9000");
    assert_eq!(read(&mut desk), "6982");
    assert_eq!(desk.send(&format!("0020001108{UNIVERSAL}")), "9000");
    assert_eq!(read(&mut desk), "9000");
    assert_eq!(desk.send(&format!("0026808108{RIGHT}")), "6a86");
}

#[test]
fn pin2_opens_the_fixed_numbers() {
    let mut desk = Desk::new();
    desk.application(USIM);
    desk.file("6f3b");
    let update = format!("00dc010418{}", "00".repeat(24));
    assert_eq!(desk.send(&update), "6982");
    assert_eq!(desk.send("0020008108 35363738ffffffff"), "9000");
    assert_eq!(desk.send(&update), "9000");
}

#[test]
fn a_verified_pin_counts_on_every_channel() {
    let mut desk = locked();
    assert_eq!(desk.send("0070000001"), "019000");
    assert_eq!(desk.send(&format!("0120000108{RIGHT}")), "9000");
    assert_eq!(read(&mut desk), "9000");
}

#[test]
fn the_fcp_tells_which_pins_are_enabled() {
    let status = |desk: &mut Desk| desk.fetch("00a40004023f00")[50..56].to_owned();
    assert_eq!(status(&mut locked()), "9001c0");
    assert_eq!(status(&mut Desk::new()), "900140");
}

#[test]
fn a_2g_phone_reads_its_own_status_words() {
    let mut desk = locked();
    assert_eq!(desk.send(&format!("a020000108{WRONG}")), "9804");
    desk.send("a0a40000027f20");
    assert_eq!(desk.send("a0a40000026f07"), "9f0f");
    assert_eq!(desk.send("a0b0000009"), "9804");
    assert_eq!(desk.send(&format!("a020000108{RIGHT}")), "9000");
    assert_eq!(desk.send("a0b0000009"), "0809101000000000109000");
    assert_eq!(desk.send(&format!("a026000108{RIGHT}")), "9000");
    assert_eq!(desk.send(&format!("a020000108{RIGHT}")), "9808");
    assert_eq!(desk.send(&format!("a028000108{RIGHT}")), "9000");
    for status in ["9804", "9804", "9840", "9840"] {
        assert_eq!(desk.send(&format!("a020000108{WRONG}")), status);
    }
    assert_eq!(desk.send(&format!("a02c000010{PUK}{RIGHT}")), "9000");
    assert_eq!(desk.send(&format!("a020000908{RIGHT}")), "9802");
    assert_eq!(desk.send(&format!("a02c000110{PUK}{RIGHT}")), "6b00");
}

#[test]
fn a_2g_directory_shows_the_tries_of_each_chv() {
    let mut desk = locked();
    desk.send(&format!("a020000108{WRONG}"));
    desk.send("a0a40000027f20");
    let answer = desk.send("a0f2000016");
    assert_eq!(&answer[26..28], "13", "CHV1 is enabled");
    assert_eq!(&answer[36..44], "828a838a");
}

#[test]
fn a_2g_card_refuses_every_other_class() {
    let mut desk = Desk::quirk(Quirk::GsmOnly);
    assert_eq!(desk.send("00a40004023f00"), "6e00");
    assert_eq!(desk.send("a0a40000023f00"), "9f16");
}

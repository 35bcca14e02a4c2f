use usim::soft::Quirk;

use crate::desk::{Desk, ISIM, USIM};

#[test]
fn channels_1_to_19_open_in_turn_and_no_more() {
    let mut desk = Desk::new();
    for number in 1..=19 {
        assert_eq!(desk.send("0070000001"), format!("{number:02x}9000"));
    }
    assert_eq!(desk.send("0070000001"), "6a81");
}

#[test]
fn each_channel_has_its_own_selection() {
    let mut desk = Desk::new();
    desk.send("0070000001");
    desk.application(USIM);
    assert_eq!(desk.send(&format!("01a4040c10{ISIM}")), "9000");
    desk.file("6f07");
    assert_eq!(desk.send("01a4000c026f03"), "9000");
    assert_eq!(desk.send("00b0000001"), "089000");
    assert_eq!(desk.send("01b0000001"), "809000");
}

#[test]
fn channels_above_3_are_named_in_the_further_classes() {
    let mut desk = Desk::new();
    for _ in 0..5 {
        desk.send("0070000001");
    }
    assert_eq!(desk.send("41a4000c022fe2"), "9000");
    assert_eq!(desk.send("41b0000001"), "989000");
    assert_eq!(desk.send("40b0000001"), "6986");
    assert_eq!(desk.send("42b0000001"), "6881");
    assert_eq!(desk.send("c1f2000c"), "9000");
}

#[test]
fn a_closed_channel_is_gone_and_its_number_free_again() {
    let mut desk = Desk::new();
    desk.send("0070000001");
    desk.send("0070000001");
    assert_eq!(desk.send("00708001"), "9000");
    assert_eq!(desk.send("01a4000c022fe2"), "6881");
    assert_eq!(desk.send("00708001"), "6881");
    assert_eq!(
        desk.send("00708000"),
        "6881",
        "the basic channel stays open"
    );
    assert_eq!(desk.send("0070000001"), "019000");
    assert_eq!(desk.send("02708000"), "9000", "a channel closes itself");
    assert_eq!(desk.send("02a4000c022fe2"), "6881");
}

#[test]
fn a_channel_is_opened_by_its_number() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("00700003"), "9000");
    assert_eq!(desk.send("03a4000c022fe2"), "9000");
    assert_eq!(desk.send("00700003"), "6a81");
    assert_eq!(desk.send("00700014"), "6a86");
    assert_eq!(desk.send("00704000"), "6a86");
}

#[test]
fn a_channel_opened_from_another_one_starts_where_that_stands() {
    let mut desk = Desk::new();
    desk.send("0070000001");
    desk.send(&format!("01a4040c10{USIM}"));
    assert_eq!(desk.send("0170000001"), "029000");
    assert_eq!(desk.send("02a4000c026f07"), "9000");
}

#[test]
fn a_wrong_le_opens_nothing() {
    let mut desk = Desk::new();
    assert_eq!(desk.send("0070000000"), "6c01");
    assert_eq!(desk.send("01a4000c022fe2"), "6881");
    let mut desk = Desk::t1();
    assert_eq!(desk.send("0070000000"), "019000");
}

#[test]
fn a_reset_closes_all_but_the_basic_channel() {
    use usim::transport::Transport;
    let mut desk = Desk::new();
    desk.send("0070000001");
    desk.application(USIM);
    desk.card.reset().unwrap();
    assert_eq!(desk.send("01a4000c022fe2"), "6881");
    assert_eq!(desk.send("00a4000c026f07"), "6a82");
}

#[test]
fn a_card_without_channels_says_so() {
    assert_eq!(Desk::quirk(Quirk::NoChannels).send("0070000001"), "6881");
}

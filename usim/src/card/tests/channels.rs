//! Logical channels.

use super::*;

#[test]
fn a_logical_channel_carries_the_session_and_is_closed_behind_it() {
    let script = with(&[
        vec![OPEN],
        dir(&[USIM_RECORD]),
        vec![
            ("0070000001", "02 9000"),
            ("02a4040410 a0000000871002ff49ff0589ffffffff 00", "9000"),
            ("0288008122 10 aa*16 10 bb*16 00", KEYS),
            ("00708002", "9000"),
        ],
    ]);
    let mut card = open(&script);
    card.set_channels(ChannelUse::Logical);
    let mut usim = card.usim().unwrap();
    assert_eq!(usim.session().channel().number(), 2);
    usim.authenticate(&RAND, &AUTN).unwrap();
    drop(usim);
    script.finish();
}

#[test]
fn channel_5_is_in_the_further_class() {
    let script = with(&[
        vec![OPEN],
        dir(&[USIM_RECORD]),
        vec![
            ("0070000001", "05 9000"),
            ("41a4040410 a0000000871002ff49ff0589ffffffff 00", "9000"),
            ("c178000100", "a101 07 9000"),
            ("00708005", "9000"),
        ],
    ]);
    let mut card = open(&script);
    card.set_channels(ChannelUse::Logical);
    assert_eq!(card.usim().unwrap().suci().unwrap(), [7]);
    script.finish();
}

#[test]
fn a_card_without_a_channel_to_give_is_used_on_the_basic_one() {
    for answer in ["6a81", "6881", "6d00", "6e00"] {
        let script = with(&[
            vec![OPEN],
            dir(&[USIM_RECORD]),
            vec![("0070000001", answer), (USIM, "9000")],
        ]);
        let mut card = open(&script);
        card.set_channels(ChannelUse::Logical);
        drop(card.usim().unwrap());
        script.finish();
    }
}

#[test]
fn a_channel_number_beyond_19_is_malformed() {
    let script = with(&[
        vec![OPEN],
        dir(&[USIM_RECORD]),
        vec![("0070000001", "14 9000")],
    ]);
    let mut card = open(&script);
    card.set_channels(ChannelUse::Logical);
    let error = card.usim().map(drop).unwrap_err();
    let what = "answer to MANAGE CHANNEL";
    assert!(matches!(error, Error::Card(CardError::Malformed { what: met }) if met == what));
}

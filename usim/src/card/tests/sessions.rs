//! Sessions, transactions, and resets in between.

use super::*;

#[test]
fn each_session_is_a_transaction() {
    let script = usim_only(&[]);
    let mut card = open(&script);
    let usim = card.usim().unwrap();
    assert_eq!(script.calls(), ["begin", "end", "begin", "end", "begin"]);
    drop(usim);
    assert_eq!(script.calls().last(), Some(&"end"));
}

#[test]
fn a_session_that_cannot_be_opened_ends_its_transaction() {
    let script = with(&[vec![OPEN], dir(&[USIM_RECORD]), vec![(USIM, "6a81")]]);
    let error = open(&script).usim().map(drop).unwrap_err();
    let status = StatusWord::new(0x6a81);
    assert!(matches!(&error, Error::Card(CardError::Status { status: met, .. }) if *met == status));
    let calls = script.calls();
    let count = |name| calls.iter().filter(|call| **call == name).count();
    assert_eq!(count("begin"), count("end"));
}

#[test]
fn a_card_in_use_by_someone_else_is_the_transports_fault() {
    let script = usim_only(&[]);
    let mut card = open(&script);
    card.applications().unwrap();
    let script = Script::new(Some(Protocol::T1), &[]);
    script.then("begin", Err(Kind::Busy));
    card.transport = Box::new(script);
    let error = card.usim().map(drop).unwrap_err();
    assert_eq!(error.fault(), Fault::Transport);
    assert_eq!(error.transport().unwrap().kind(), Kind::Busy);
}

#[test]
fn a_reset_before_the_transaction_costs_nothing() {
    let script = with(&[vec![OPEN], dir(&[USIM_RECORD])]);
    let mut card = open(&script);
    card.applications().unwrap();
    script.then("begin", Err(Kind::CardReset));
    script.then(USIM, Ok("9000"));
    drop(card.usim().unwrap());
    script.finish();
    assert!(script.calls().ends_with(&["begin", "begin", "end"]));
}

#[test]
fn a_read_is_done_over_after_a_reset_with_the_application_selected_anew() {
    let script = usim_only(&[("00a4000402 6f07 00", transparent(9))]);
    script.then("00b0000009", Err(Kind::CardReset));
    script.then(USIM, Ok("9000"));
    script.then("00a4000402 6f07 00", Ok(transparent(9)));
    script.then("00b0000009", Ok("08 09 10 10 00 00 00 00 10 9000"));
    let mut card = open(&script);
    assert_eq!(
        card.usim().unwrap().imsi().unwrap().as_str(),
        "001010000000001"
    );
    script.finish();
    assert!(script.calls().ends_with(&["begin", "end", "begin", "end"]));
}

#[test]
fn a_second_reset_in_the_same_read_is_reported() {
    let script = usim_only(&[]);
    script.then("00a4000402 6f07 00", Err(Kind::CardReset));
    script.then(USIM, Ok("9000"));
    script.then("00a4000402 6f07 00", Err(Kind::CardReset));
    let mut card = open(&script);
    let error = card.usim().unwrap().imsi().unwrap_err();
    assert_eq!(error.transport().unwrap().kind(), Kind::CardReset);
    script.finish();
}

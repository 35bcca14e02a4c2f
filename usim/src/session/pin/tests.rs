use super::*;
use crate::{
    Card, Fault,
    script::Script,
    session::Target,
    transport::{Protocol, TransportErrorKind},
};

const PIN1: PinReference = PinReference::PIN1;

/// A UICC at its MF.
fn uicc(steps: &[(&'static str, &'static str)]) -> (Script, Card) {
    let start = [("00a4000402 3f00 00", "9000"), ("00a4000c02 3f00", "9000")];
    let script = Script::new(Some(Protocol::T1), &[&start, steps].concat());
    let card = Card::open(script.clone()).unwrap();
    (script, card)
}

const DIRECTORY: &str = "0000 0000 3f00 01 0000000000 09 11 00 11 04 00 83 8a 82 81 9000";

/// A 2G SIM at its MF.
fn gsm(steps: &[(&'static str, &'static str)]) -> (Script, Card) {
    let start = [
        ("00a4000402 3f00 00", "6e00"),
        ("a0a4000002 3f00 00", DIRECTORY),
        ("a0a4000002 3f00 00", DIRECTORY),
    ];
    let script = Script::new(Some(Protocol::T1), &[&start, steps].concat());
    let card = Card::open(script.clone()).unwrap();
    (script, card)
}

fn pin(digits: &str) -> Pin {
    Pin::new(digits).unwrap()
}

#[track_caller]
fn card_error(result: Result<(), Error>) -> CardError {
    match result {
        Err(Error::Card(error)) => error,
        other => panic!("{other:?}"),
    }
}

const VERIFY_1234: &str = "0020000108 31323334 ffffffff";

#[test]
fn the_tries_are_asked_for_without_a_pin() {
    for (answer, status) in [
        ("63c3", PinStatus::TriesLeft(3)),
        ("63c0", PinStatus::Blocked),
        ("6983", PinStatus::Blocked),
        ("6984", PinStatus::Disabled),
        ("9000", PinStatus::NotCounted),
    ] {
        let (script, mut card) = uicc(&[("00200001", answer)]);
        assert_eq!(
            card.root().unwrap().pin_status(PIN1).unwrap(),
            status,
            "{answer}"
        );
        script.finish();
    }
}

#[test]
fn the_tries_of_the_puk_are_asked_for() {
    let (script, mut card) = uicc(&[("002c0081", "63ca")]);
    let status = card.root().unwrap().puk_status(PinReference::PIN2).unwrap();
    assert_eq!(status, PinStatus::TriesLeft(10));
    script.finish();
}

#[test]
fn a_pin_that_the_card_does_not_have_is_not_found() {
    let (_, mut card) = uicc(&[("00200011", "6a88")]);
    let error = card
        .root()
        .unwrap()
        .pin_status(PinReference::UNIVERSAL)
        .unwrap_err();
    assert!(matches!(
        error,
        Error::Card(CardError::NotFound { what: "PIN" })
    ));
}

#[test]
fn a_right_pin_is_verified() {
    let (script, mut card) = uicc(&[("00200001", "63c3"), (VERIFY_1234, "9000")]);
    card.root()
        .unwrap()
        .verify_pin(PIN1, &pin("1234"), LastTry::Keep)
        .unwrap();
    script.finish();
}

#[test]
fn a_wrong_pin_tells_the_tries_left() {
    let (script, mut card) = uicc(&[("00200001", "63c3"), (VERIFY_1234, "63c2")]);
    let result = card
        .root()
        .unwrap()
        .verify_pin(PIN1, &pin("1234"), LastTry::Keep);
    assert_eq!(card_error(result), CardError::WrongPin { tries_left: 2 });
    script.finish();
}

#[test]
fn the_last_try_is_kept_and_the_pin_is_not_sent() {
    let (script, mut card) = uicc(&[("00200001", "63c1")]);
    let error = card
        .root()
        .unwrap()
        .verify_pin(PIN1, &pin("1234"), LastTry::Keep)
        .unwrap_err();
    assert!(matches!(error, Error::Caller(CallerError::LastTry)));
    assert_eq!(error.fault(), Fault::Caller);
    script.finish();
}

#[test]
fn the_last_try_is_risked_when_asked_to() {
    let (script, mut card) = uicc(&[(VERIFY_1234, "63c0")]);
    let result = card
        .root()
        .unwrap()
        .verify_pin(PIN1, &pin("1234"), LastTry::Risk);
    assert_eq!(card_error(result), CardError::PinBlocked);
    script.finish();
}

#[test]
fn a_blocked_pin_is_not_sent() {
    let (script, mut card) = uicc(&[("00200001", "6983")]);
    let result = card
        .root()
        .unwrap()
        .verify_pin(PIN1, &pin("1234"), LastTry::Keep);
    assert_eq!(card_error(result), CardError::PinBlocked);
    script.finish();
}

#[test]
fn verify_is_sent_once_when_the_card_is_reset() {
    let (script, mut card) = uicc(&[("00200001", "63c3")]);
    script.then(VERIFY_1234, Err(TransportErrorKind::CardReset));
    let mut root = card.root().unwrap();
    let error = root
        .verify_pin(PIN1, &pin("1234"), LastTry::Keep)
        .unwrap_err();
    assert_eq!(error.fault(), Fault::Transport);
    script.finish();
}

#[test]
fn verify_is_sent_once_when_the_card_wants_another_length() {
    let (script, mut card) = uicc(&[("00200001", "63c3"), (VERIFY_1234, "6c08")]);
    let result = card
        .root()
        .unwrap()
        .verify_pin(PIN1, &pin("1234"), LastTry::Keep);
    let status = StatusWord::new(0x6c08);
    assert_eq!(
        card_error(result),
        CardError::Status {
            operation: "VERIFY PIN",
            status
        }
    );
    script.finish();
}

#[test]
fn changing_sends_the_old_pin_and_the_new_one() {
    let (script, mut card) = uicc(&[
        ("00200001", "63c3"),
        ("0024000110 31323334 ffffffff 3938373635 ffffff", "9000"),
    ]);
    let mut root = card.root().unwrap();
    root.change_pin(PIN1, &pin("1234"), &pin("98765"), LastTry::Keep)
        .unwrap();
    script.finish();
}

#[test]
fn disabling_and_enabling_send_the_pin() {
    let (script, mut card) = uicc(&[
        ("00200001", "63c3"),
        ("0026000108 31323334 ffffffff", "9000"),
        ("00200001", "63c3"),
        ("0028000108 31323334 ffffffff", "9000"),
    ]);
    let mut root = card.root().unwrap();
    root.disable_pin(PIN1, &pin("1234"), LastTry::Keep).unwrap();
    root.enable_pin(PIN1, &pin("1234"), LastTry::Keep).unwrap();
    script.finish();
}

#[test]
fn enabling_without_a_count_has_to_be_forced() {
    let (script, mut card) = uicc(&[
        ("00200001", "6984"),
        ("0028000108 31323334 ffffffff", "9000"),
    ]);
    let mut root = card.root().unwrap();
    let error = root
        .enable_pin(PIN1, &pin("1234"), LastTry::Keep)
        .unwrap_err();
    assert!(matches!(error, Error::Caller(CallerError::TriesUnknown)));
    root.enable_pin(PIN1, &pin("1234"), LastTry::Risk).unwrap();
    script.finish();
}

#[test]
fn a_verified_pin_is_changed_without_a_count() {
    let (script, mut card) = uicc(&[
        ("00200001", "9000"),
        ("0024000110 31323334 ffffffff 39383736 ffffffff", "9000"),
    ]);
    let mut root = card.root().unwrap();
    root.change_pin(PIN1, &pin("1234"), &pin("9876"), LastTry::Keep)
        .unwrap();
    script.finish();
}

#[test]
fn unblocking_counts_the_tries_of_the_puk() {
    let puk = Puk::new("12345678").unwrap();
    let (script, mut card) = uicc(&[
        ("002c0001", "63ca"),
        ("002c000110 3132333435363738 39383736 ffffffff", "63c9"),
        ("002c0001", "63c1"),
    ]);
    let mut root = card.root().unwrap();
    let result = root.unblock_pin(PIN1, &puk, &pin("9876"), LastTry::Keep);
    assert_eq!(card_error(result), CardError::WrongPin { tries_left: 9 });
    let error = root
        .unblock_pin(PIN1, &puk, &pin("9876"), LastTry::Keep)
        .unwrap_err();
    assert!(matches!(error, Error::Caller(CallerError::LastTry)));
    script.finish();
}

#[test]
fn a_2g_sim_counts_in_status() {
    let (script, mut card) = gsm(&[("a0f2000016", DIRECTORY), ("a0f2000016", DIRECTORY)]);
    let mut root = card.root().unwrap();
    assert_eq!(root.pin_status(PIN1).unwrap(), PinStatus::TriesLeft(3));
    assert_eq!(
        root.puk_status(PinReference::PIN2).unwrap(),
        PinStatus::TriesLeft(1)
    );
    script.finish();
}

#[test]
fn a_2g_sim_verifies_chv1_and_counts_after_9804() {
    let (script, mut card) = gsm(&[
        ("a0f2000016", DIRECTORY),
        ("a020000108 31323334 ffffffff", "9804"),
        (
            "a0f2000016",
            "0000 0000 3f00 01 0000000000 09 11 00 11 04 00 82 8a 82 81 9000",
        ),
    ]);
    let result = card
        .root()
        .unwrap()
        .verify_pin(PIN1, &pin("1234"), LastTry::Keep);
    assert_eq!(card_error(result), CardError::WrongPin { tries_left: 2 });
    script.finish();
}

#[test]
fn a_blocked_chv_is_named() {
    for (answer, status) in [
        ("9840", DIRECTORY),
        (
            "9804",
            "0000 0000 3f00 01 0000000000 09 11 00 11 04 00 80 8a 82 81 9000",
        ),
    ] {
        let (_, mut card) = gsm(&[
            ("a020000108 31323334 ffffffff", answer),
            ("a0f2000016", status),
        ]);
        let result = card
            .root()
            .unwrap()
            .verify_pin(PIN1, &pin("1234"), LastTry::Risk);
        assert_eq!(card_error(result), CardError::PinBlocked, "{answer}");
    }
}

#[test]
fn a_2g_sim_unblocks_chv1_by_00_and_chv2_by_02() {
    let puk = Puk::new("12345678").unwrap();
    let (script, mut card) = gsm(&[
        ("a02c000010 3132333435363738 31323334 ffffffff", "9000"),
        ("a02c000210 3132333435363738 31323334 ffffffff", "9000"),
    ]);
    let mut root = card.root().unwrap();
    for reference in [PIN1, PinReference::PIN2] {
        root.unblock_pin(reference, &puk, &pin("1234"), LastTry::Risk)
            .unwrap();
    }
    script.finish();
}

#[test]
fn a_2g_sim_has_no_universal_pin() {
    let (script, mut card) = gsm(&[]);
    let error = card
        .root()
        .unwrap()
        .pin_status(PinReference::UNIVERSAL)
        .unwrap_err();
    assert!(matches!(
        error,
        Error::Card(CardError::NotFound { what: "PIN" })
    ));
    script.finish();
}

#[test]
fn the_2g_side_of_a_uicc_is_spoken_to_in_class_a0() {
    let (script, mut card) = uicc(&[]);
    drop(card.root().unwrap());
    script.then("a0a4000002 3f00 00", Ok(DIRECTORY));
    script.then("a0a4000002 7f20 00", Ok(DIRECTORY));
    script.then("a0f2000016", Ok(DIRECTORY));
    let mut session = Session::open(&mut card, Target::Gsm).unwrap();
    assert_eq!(session.pin_status(PIN1).unwrap(), PinStatus::TriesLeft(3));
    drop(session);
    script.finish();
}

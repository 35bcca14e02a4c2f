//! AUTHENTICATE and GET IDENTITY.

use super::*;

#[test]
fn authenticate_is_sent_once_when_the_card_is_reset() {
    let script = usim_only(&[]);
    script.then(AUTHENTICATE, Err(Kind::CardReset));
    let mut card = open(&script);
    let mut usim = card.usim().unwrap();
    let error = usim.authenticate(&RAND, &AUTN).unwrap_err();
    assert_eq!(error.transport().unwrap().kind(), Kind::CardReset);
    script.finish();

    // the next command finds the application selected anew
    script.then(USIM, Ok("9000"));
    script.then(AUTHENTICATE, Ok(KEYS));
    let answer = usim.authenticate(&RAND, &AUTN).unwrap();
    assert!(matches!(answer, Authentication::Success(_)));
    drop(usim);
    script.finish();
}

#[test]
fn authenticate_is_sent_once_whatever_the_card_answers() {
    for (answer, error) in [
        ("9862", CardError::MacFailure),
        ("9864", CardError::ContextNotSupported),
        ("6982", CardError::PinRequired),
        ("6985", refused_authenticate(0x6985)),
        ("6f00", refused_authenticate(0x6f00)),
        ("9300", refused_authenticate(0x9300)),
        ("6281", refused_authenticate(0x6281)),
        ("6c35", refused_authenticate(0x6c35)),
        (
            "aa 9000",
            CardError::Malformed {
                what: "answer to AUTHENTICATE",
            },
        ),
        (
            "9000",
            CardError::Malformed {
                what: "answer to AUTHENTICATE",
            },
        ),
    ] {
        let script = usim_only(&[(AUTHENTICATE, answer)]);
        let mut card = open(&script);
        match card.usim().unwrap().authenticate(&RAND, &AUTN) {
            Err(Error::Card(met)) => assert_eq!(met, error, "{answer}"),
            other => panic!("{answer}: {other:?}"),
        }
        script.finish();
    }
}

fn refused_authenticate(status: u16) -> CardError {
    CardError::Status {
        operation: "AUTHENTICATE",
        status: StatusWord::new(status),
    }
}

#[test]
fn authenticate_is_sent_once_when_the_transport_fails() {
    for kind in [
        Kind::CardRemoved,
        Kind::Timeout,
        Kind::ShortAnswer,
        Kind::Io,
        Kind::Busy,
    ] {
        let script = usim_only(&[]);
        script.then(AUTHENTICATE, Err(kind));
        let mut card = open(&script);
        let error = card.usim().unwrap().authenticate(&RAND, &AUTN).unwrap_err();
        assert_eq!(error.transport().unwrap().kind(), kind);
        script.finish();
    }
}

#[test]
fn keys_come_with_a_proactive_command_pending() {
    let script = usim_only(&[(AUTHENTICATE, "db 08 11*8 10 22*16 10 33*16 9112")]);
    let mut card = open(&script);
    match card.usim().unwrap().authenticate(&RAND, &AUTN).unwrap() {
        Authentication::Success(keys) => assert_eq!(keys.res.expose(), [0x11; 8]),
        Authentication::SyncFailure(_) => panic!("AUTS"),
    }
    script.finish();
}

#[test]
fn a_gsm_context_that_the_usim_does_not_know_is_named() {
    for answer in ["9864", "6a86", "6b00"] {
        let script = usim_only(&[("0088008011 10 aa*16 00", answer)]);
        let mut card = open(&script);
        let error = card.usim().unwrap().authenticate_gsm(&RAND).unwrap_err();
        assert!(
            matches!(error, Error::Card(CardError::ContextNotSupported)),
            "{answer}"
        );
        script.finish();
    }
}

#[test]
fn the_suci_is_the_value_of_tag_a1() {
    let script = usim_only(&[("8078000100", "a1 04 01020304 9000")]);
    assert_eq!(open(&script).usim().unwrap().suci().unwrap(), [1, 2, 3, 4]);
    script.finish();
    let script = usim_only(&[("8078000100", "a2 01 00 9000")]);
    let error = open(&script).usim().unwrap().suci().unwrap_err();
    let what = "answer to GET IDENTITY";
    assert!(matches!(error, Error::Card(CardError::Malformed { what: met }) if met == what));
}

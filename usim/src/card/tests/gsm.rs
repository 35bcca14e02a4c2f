//! 2G SIMs.

use super::*;

const GSM_OPEN: [(&str, &str); 2] = [("00a4000402 3f00 00", "6e00"), ("a0a4000002 3f00", "9f16")];

const GSM_DIRECTORY: &str = "0000 0000 7f20 02 0000000000 09 11 00 11 04 00 83 8a 82 8a 9000";

/// A 2G SIM under T=0, up to its DF_GSM.
fn gsm(rest: &[(&'static str, &'static str)]) -> Script {
    let mut steps = vec![("00a4000402 3f00", "6e00"), ("a0a4000002 3f00", "9f16")];
    steps.push(("a0c0000016", GSM_DIRECTORY));
    steps.extend([("a0a4000002 3f00", "9f16"), ("a0c0000016", GSM_DIRECTORY)]);
    steps.extend([("a0a4000002 7f20", "9f16"), ("a0c0000016", GSM_DIRECTORY)]);
    steps.extend(rest);
    Script::new(Some(Protocol::T0), &steps)
}

#[test]
fn a_card_that_does_not_know_class_00_is_a_2g_sim() {
    let script = gsm(&[
        ("a0a4000002 6f07", "9f0f"),
        ("a0c000000f", "0000 0009 6f07 04 00 14ff14 01 02 00 00 9000"),
        ("a0b0000009", "08 09 10 10 00 00 00 00 10 9000"),
    ]);
    let mut card = open(&script);
    assert_eq!(card.generation(), Generation::Gsm);
    assert_eq!(
        card.sim().unwrap().imsi().unwrap().as_str(),
        "001010000000001"
    );
    script.finish();
}

#[test]
fn a_2g_sim_answers_the_subscribers_gsm_challenge() {
    let script = gsm(&[
        ("a088000010 aa*16", "9f0c"),
        ("a0c000000c", "11*4 22*8 9000"),
    ]);
    let answer = open(&script).authenticate_gsm(&RAND).unwrap();
    assert_eq!(
        (answer.sres.expose(), answer.kc.expose()),
        (&[0x11; 4], &[0x22; 8])
    );
    script.finish();
}

#[test]
fn a_2g_sim_that_refuses_says_why() {
    for (answer, error) in [
        (
            "9404",
            CardError::NotFound {
                what: "RUN GSM ALGORITHM",
            },
        ),
        ("9804", CardError::PinRequired),
        ("9840", CardError::PinBlocked),
    ] {
        let script = gsm(&[("a088000010 aa*16", answer)]);
        match open(&script).sim().unwrap().run_gsm_algorithm(&RAND) {
            Err(Error::Card(met)) => assert_eq!(met, error),
            other => panic!("{other:?}"),
        }
        script.finish();
    }
}

#[test]
fn a_2g_sim_has_no_umts_challenge() {
    let script = gsm(&[]);
    let mut card = open(&script);
    let error = card
        .authenticate(ApplicationKind::Usim, &RAND, &AUTN)
        .unwrap_err();
    assert!(matches!(
        error,
        Error::Card(CardError::NotFound { what: "ADF_USIM" })
    ));
}

#[test]
fn a_card_that_knows_neither_class_is_refused() {
    let script = with(&[vec![GSM_OPEN[0], ("a0a4000002 3f00 00", "6e00")]]);
    let error = Card::open(script).unwrap_err();
    let status = StatusWord::CLASS_NOT_SUPPORTED;
    assert!(matches!(error, Error::Card(CardError::Status { status: met, .. }) if met == status));
}

//! How applications are found.

use super::*;

#[test]
fn blank_records_of_ef_dir_are_passed_over() {
    let script = with(&[vec![OPEN], dir(&[BLANK_RECORD, USIM_RECORD, ISIM_RECORD])]);
    let mut card = open(&script);
    let kinds: Vec<_> = card
        .applications()
        .unwrap()
        .iter()
        .map(Application::kind)
        .collect();
    assert_eq!(
        kinds,
        [Some(ApplicationKind::Usim), Some(ApplicationKind::Isim)]
    );
    script.finish();
}

#[test]
fn ef_dir_is_read_once() {
    let script = with(&[
        vec![OPEN],
        dir(&[USIM_RECORD, ISIM_RECORD]),
        vec![(USIM, "9000"), (ISIM, "9000"), (USIM, "9000")],
    ]);
    let mut card = open(&script);
    drop(card.usim().unwrap());
    drop(card.isim().unwrap());
    drop(card.usim().unwrap());
    script.finish();
}

#[test]
fn the_first_of_two_usims_is_taken_and_the_other_by_its_name() {
    const SECOND: &str = "61 0d 4f0b a0000000871002ffffffff ff*23 9000";
    let script = with(&[
        vec![OPEN],
        dir(&[USIM_RECORD, SECOND]),
        vec![
            (USIM, "9000"),
            ("00a404040b a0000000871002ffffffff 00", "9000"),
        ],
    ]);
    let mut card = open(&script);
    drop(card.usim().unwrap());
    let second = card.applications().unwrap()[1].aid;
    let mut usim = card.usim_named(&second).unwrap();
    assert_eq!(usim.session().aid(), Some(&second));
    drop(usim);
    script.finish();
}

#[test]
fn without_ef_dir_and_tag_84_the_beginning_of_the_aid_has_to_do() {
    let script = with(&[
        vec![OPEN, MF, ("00a4000402 2f00 00", "6a82")],
        vec![
            (
                "00a4040407 a0000000871002 00",
                "6212 8410 a0000000871002ff49ff0589ffffffff 9000",
            ),
            ("00a4040407 a0000000871004 00", "6a82"),
        ],
    ]);
    let mut card = open(&script);
    let applications = card.applications().unwrap();
    assert_eq!(applications.len(), 1);
    assert_eq!(applications[0].aid.as_bytes(), Aid::USIM);
    script.finish();
}

#[test]
fn without_readable_records_the_aid_is_taken_from_tag_84() {
    let script = with(&[
        vec![OPEN],
        dir(&["6982"]),
        vec![
            (
                "00a4040407 a0000000871002 00",
                "6216 8202 7821 8410 a0000000871002ff49ff0589ffffffff 9000",
            ),
            ("00a4040407 a0000000871004 00", "6a82"),
            (USIM, "9000"),
        ],
    ]);
    let mut card = open(&script);
    drop(card.usim().unwrap());
    script.finish();
}

#[test]
fn a_card_without_a_usim_says_so() {
    let script = with(&[vec![OPEN], dir(&[ISIM_RECORD])]);
    let error = open(&script).usim().map(drop).unwrap_err();
    assert!(matches!(
        error,
        Error::Card(CardError::NotFound { what: "ADF_USIM" })
    ));
    assert_eq!(error.fault(), Fault::Card);
    script.finish();
}

#[test]
fn a_remembered_application_that_is_gone_is_looked_for_anew() {
    const OTHER: &str = "61 0d 4f0b a0000000871002ffffffff ff*23 9000";
    let script = with(&[
        vec![OPEN],
        dir(&[USIM_RECORD]),
        vec![(USIM, "9000"), (USIM, "6a82")],
        dir(&[OTHER]),
        vec![("00a404040b a0000000871002ffffffff 00", "9000")],
    ]);
    let mut card = open(&script);
    drop(card.usim().unwrap());
    drop(card.usim().unwrap());
    script.finish();
}

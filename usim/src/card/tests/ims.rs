//! The ISIM, and what stands in for it.

use super::*;

#[test]
fn isim_identities_are_read_without_blank_records() {
    let script = with(&[
        vec![OPEN],
        dir(&[USIM_RECORD, ISIM_RECORD]),
        vec![
            (ISIM, "9000"),
            ("00a4000402 6f02 00", transparent(8)),
            ("00b0000008", "80 05 6d65406865 ff 9000"),
            ("00a4000402 6f03 00", transparent(6)),
            ("00b0000006", "80 02 6865 ffff 9000"),
            ("00a4000402 6f04 00", "6207 8205 4221 0006 02 9000"),
            ("00b2010406", "80 04 7369703a 9000"),
            ("00b2020406", "ff*6 9000"),
        ],
    ]);
    let ims = open(&script).ims_identity().unwrap();
    assert_eq!((ims.impi.as_str(), ims.domain.as_str()), ("me@he", "he"));
    assert_eq!(ims.impu, ["sip:"]);
    script.finish();
}

#[test]
fn without_an_isim_the_identities_follow_from_the_imsi() {
    let script = usim_only(&[
        ("00a4000402 6f07 00", transparent(9)),
        ("00b0000009", "08 39 01 62 10 32 54 76 98 9000"),
        ("00a4000402 6fad 00", transparent(3)),
        ("00b0000003", "000000 9000"),
    ]);
    // EF_AD does not tell, the country does: three digits
    let ims = open(&script).ims_identity().unwrap();
    assert_eq!(
        ims.impi,
        "310260123456789@ims.mnc260.mcc310.3gppnetwork.org"
    );
    script.finish();
}

#[test]
fn without_an_isim_the_usim_answers_for_it() {
    let script = usim_only(&[(AUTHENTICATE, KEYS)]);
    let answer = open(&script)
        .authenticate(ApplicationKind::Isim, &RAND, &AUTN)
        .unwrap();
    assert!(matches!(answer, Authentication::Success(_)));
    script.finish();
}

#[test]
fn a_failing_isim_is_not_replaced_by_the_usim() {
    let script = with(&[
        vec![OPEN],
        dir(&[USIM_RECORD, ISIM_RECORD]),
        vec![(ISIM, "9000"), (AUTHENTICATE, "9862")],
    ]);
    let error = open(&script)
        .authenticate(ApplicationKind::Isim, &RAND, &AUTN)
        .unwrap_err();
    assert!(matches!(error, Error::Card(CardError::MacFailure)));
    script.finish();
}

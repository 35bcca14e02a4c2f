use aka::{Autn, MncLength, Rand};

use super::*;
use crate::{
    ApplicationKind, Authentication, CardError, Fault, Subscriber, script::Script,
    transport::TransportErrorKind as Kind,
};

type Steps = Vec<(&'static str, &'static str)>;

const OPEN: (&str, &str) = ("00a4000402 3f00 00", "9000");
const MF: (&str, &str) = ("00a4000c02 3f00", "9000");
const RAND: Rand = Rand::new([0xaa; 16]);
const AUTN: Autn = Autn::new([0xbb; 16]);
const AUTHENTICATE: &str = "0088008122 10 aa*16 10 bb*16 00";
const KEYS: &str = "db 08 11*8 10 22*16 10 33*16 9000";

const USIM: &str = "00a4040410 a0000000871002ff49ff0589ffffffff 00";
const ISIM: &str = "00a4040410 a0000000871004ff49ff0589ffffffff 00";

/// EF_DIR with one record of 38 octets for each of `records`.
fn dir(records: &[&'static str]) -> Steps {
    let shape = ["00", "01", "02", "03"][records.len()];
    let fcp = format!("620b 8205 4221 0026 {shape} 8302 2f00 9000");
    let mut steps = vec![MF, ("00a4000402 2f00 00", &*fcp.leak())];
    let reads = ["00b2010426", "00b2020426", "00b2030426"];
    steps.extend(reads.into_iter().zip(records.iter().copied()));
    steps
}

const USIM_RECORD: &str = "61 18 4f10 a0000000871002ff49ff0589ffffffff 5004 5553494d ff*12 9000";
const ISIM_RECORD: &str = "61 18 4f10 a0000000871004ff49ff0589ffffffff 5004 4953494d ff*12 9000";
const BLANK_RECORD: &str = "ff*38 9000";

fn with(parts: &[Steps]) -> Script {
    Script::new(Some(Protocol::T1), &parts.concat())
}

fn open(script: &Script) -> Card {
    Card::open(script.clone()).unwrap()
}

/// A card whose only application is a USIM, its session open.
fn usim_only(rest: &[(&'static str, &'static str)]) -> Script {
    let select = vec![(USIM, "9000")];
    with(&[vec![OPEN], dir(&[USIM_RECORD]), select, rest.to_vec()])
}

fn transparent(size: u8) -> &'static str {
    format!("620a 8202 4121 8002 00{size:02x} 8a00 9000").leak()
}

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

//! Numbers of TS 35.208 §4.3, test set 1.

use usim::soft::{Profile, Quirk};

use crate::desk::{Desk, ISIM, USIM};

const RAND: &str = "23553cbe9637a89d218ae64dae47bf35";
const RES: &str = "a54211d5e3ba50bf";
const CK: &str = "b40ba9a3c58b2a05bbf0d987b21bf8cb";
const IK: &str = "f769bcd751044604127672711c6d3441";
const KC: &str = "eae4be823af9a08b";
const SRES: &str = "46f8416a";

/// The AUTN of the set has a SEQ far beyond delta: the profile takes such a jump.
fn profile() -> Profile {
    Profile::from_toml("[sqn]\ndelta = 0x7fffffffffff").unwrap()
}

const AUTN: &str = "55f328b43577b9b94a9ffac354dfafb3";

fn desk() -> Desk {
    let mut desk = Desk::with(profile());
    desk.application(USIM);
    desk
}

fn umts() -> String {
    format!("0088008122 10{RAND} 10{AUTN}")
}

#[test]
fn the_umts_context_gives_res_ck_ik_and_kc() {
    let mut desk = desk();
    assert_eq!(desk.send(&umts()), "6135");
    assert_eq!(
        desk.send("00c0000035"),
        format!("db08{RES}10{CK}10{IK}08{KC}9000")
    );
}

#[test]
fn under_t1_the_keys_come_at_once() {
    let mut profile = profile();
    profile.protocol = usim::transport::Protocol::T1;
    let mut desk = Desk::with(profile);
    desk.application(USIM);
    let answer = desk.send(&format!("{}00", umts()));
    assert_eq!(answer, format!("db08{RES}10{CK}10{IK}08{KC}9000"));
}

#[test]
fn a_replay_gives_an_auts_and_no_keys() {
    let mut desk = desk();
    desk.fetch(&umts());
    // f1*, f5* and SQN_MS of the set
    assert_eq!(desk.fetch(&umts()), "dc0eba853f3c123ccf44e93596e355c69000");
    assert_eq!(desk.send("00c0000000"), "6985", "nothing is left to fetch");
}

#[test]
fn a_forged_mac_is_9862_and_changes_nothing() {
    let mut desk = desk();
    let forged = umts().replace("afb3", "afb4");
    assert_eq!(desk.send(&forged), "9862");
    assert_eq!(desk.send("00c0000000"), "6985");
    assert!(desk.fetch(&umts()).starts_with("db"));
}

#[test]
fn the_isim_answers_with_the_same_keys() {
    let mut desk = Desk::with(profile());
    desk.application(ISIM);
    assert!(desk.fetch(&umts()).starts_with(&format!("db08{RES}10{CK}")));
    assert_eq!(desk.send(&format!("0088008011 10{RAND}")), "9864");
}

#[test]
fn the_gsm_context_gives_sres_and_kc() {
    let mut desk = desk();
    assert_eq!(
        desk.fetch(&format!("0088008011 10{RAND}")),
        format!("04{SRES}08{KC}9000")
    );
}

#[test]
fn run_gsm_algorithm_gives_sres_and_kc() {
    let mut desk = Desk::new();
    assert_eq!(desk.send(&format!("a088000010{RAND}")), "9404");
    desk.send("a0a40000027f20");
    assert_eq!(desk.send(&format!("a088000010{RAND}")), "9f0c");
    assert_eq!(desk.send("a0c000000c"), format!("{SRES}{KC}9000"));
}

#[test]
fn contexts_of_other_standards_are_9864() {
    let mut desk = desk();
    for p2 in ["82", "85", "86", "87"] {
        assert_eq!(desk.send(&format!("008800{p2}1110{RAND}")), "9864");
    }
    assert_eq!(desk.send(&format!("0088000111 10{RAND}")), "6a86");
    assert_eq!(desk.send(&format!("0088018111 10{RAND}")), "6a86");
}

#[test]
fn malformed_challenges_are_refused() {
    let mut desk = desk();
    for (command, status) in [
        ("00880081".to_owned(), "6700"),
        (format!("0088008111 10{RAND}"), "6700"),
        (format!("0088008123 10{RAND} 10{AUTN} 00"), "6700"),
        (format!("0088008121 10{RAND} 0f{}", &AUTN[..30]), "6a80"),
        (format!("0088008111 0f{RAND}"), "6700"),
        (format!("0088008012 10{RAND} 00"), "6700"),
        (format!("0088008423 dc 10{RAND} 10{AUTN}"), "6a80"),
    ] {
        assert_eq!(desk.send(&command), status, "{command}");
    }
}

#[test]
fn outside_an_application_conditions_are_not_satisfied() {
    let mut desk = Desk::with(profile());
    assert_eq!(desk.send(&umts()), "6985");
    desk.application(USIM);
    desk.file("7f20");
    assert_eq!(desk.send(&umts()), "6985");
    desk.file("7fff");
    desk.file("5fc0");
    assert!(desk.fetch(&umts()).starts_with("db"));
}

#[test]
fn res_and_kc_have_the_sizes_that_cards_give_them() {
    for (quirk, start, size) in [
        (Quirk::ShortRes, format!("db04{}10{CK}", &RES[..8]), 49),
        (
            Quirk::LongRes,
            format!("db10{RES}aaaaaaaaaaaaaaaa10{CK}"),
            61,
        ),
        (Quirk::NoKc, format!("db08{RES}10{CK}10{IK}"), 44),
        (
            Quirk::TrailingOctets,
            format!("db08{RES}10{CK}10{IK}08{KC}ffffff"),
            56,
        ),
        (
            Quirk::LengthPastEnd,
            format!("db08{RES}10{CK}10{IK}08{}", &KC[..12]),
            51,
        ),
    ] {
        let mut profile = profile();
        profile.quirks = profile.quirks.with(quirk);
        let mut desk = Desk::with(profile);
        desk.application(USIM);
        let answer = desk.fetch(&umts());
        assert!(answer.starts_with(&start), "{quirk}: {answer}");
        assert_eq!(answer.len(), 2 * (size + 2), "{quirk}");
    }
}

/// MAC-A of the AUTN ⊕ the first 8 octets of SHA-1(IK).
const GBA_AUTN: &str = "55f328b43577b9b98c7f3f0d723fb244";
const NAF_ID: &str = "6e61662e6578616d706c650100000002";

fn bootstrap() -> String {
    format!("0088008423 dd 10{RAND} 10{GBA_AUTN}")
}

fn derive() -> String {
    let impi = hex::encode("001010000000001@ims.mnc001.mcc001.3gppnetwork.org");
    format!("0088008444 de 10{NAF_ID} 31{impi}")
}

#[test]
fn gba_bootstraps_and_derives_the_key_of_the_naf() {
    let mut desk = desk();
    assert_eq!(desk.send(&derive()), "6985", "nothing bootstrapped yet");
    assert_eq!(desk.fetch(&bootstrap()), format!("db08{RES}9000"));
    assert_eq!(
        desk.fetch(&derive()),
        "db204f94b234fe9be684cab460a47f10d53cc61a3ba63b3f76b4ac0156e76bbbcbab9000"
    );
    assert_eq!(
        desk.fetch(&bootstrap()),
        "dc0eba853f3c123ccf44e93596e355c69000"
    );
}

#[test]
fn gba_refuses_the_token_of_another_context() {
    let mut desk = desk();
    assert_eq!(desk.send(&bootstrap().replace(GBA_AUTN, AUTN)), "9862");
    assert_eq!(desk.send(&umts().replace(AUTN, GBA_AUTN)), "9862");
    assert!(desk.fetch(&umts()).starts_with("db"));
}

/// TS 34.108 §8.1.2, worked out by hand: XDOUT = K xor RAND, and the rest are its rotations.
#[test]
fn a_card_of_the_xor_algorithm_answers_with_its_rotations() {
    let text = "algorithm = \"xor\"\nk = \"00112233445566778899aabbccddeeff\"";
    let mut desk = Desk::with(Profile::from_toml(text).unwrap());
    desk.application(USIM);
    let rand = "0f0e0d0c0b0a09080706050403020100";
    let autn = "3f4f5f6f7faf80000f1f2f3f4f7fef7f";
    let umts = format!("0088008122 10{rand} 10{autn}");
    let (res, ck, ik) = (
        "0f1f2f3f4f5f6f7f8f9fafbfcfdfefff",
        "1f2f3f4f5f6f7f8f9fafbfcfdfefff0f",
        "2f3f4f5f6f7f8f9fafbfcfdfefff0f1f",
    );
    assert_eq!(
        desk.fetch(&umts),
        format!("db10{res}10{ck}10{ik}0800000000000000009000")
    );
    assert!(desk.fetch(&umts).starts_with("dc0e"), "a replay");
    let forged = umts.replace(autn, "3f4f5f6f7faf80000f1f2f3f4f7fef7e");
    assert_eq!(desk.fetch(&forged), "9862");
}

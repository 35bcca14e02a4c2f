use proptest::prelude::*;

use super::*;
use crate::script::octets;

#[test]
fn challenges_have_the_form_of_the_standard() {
    let (rand, autn) = (Rand::new([0xaa; 16]), Autn::new([0xbb; 16]));
    let umts = umts_challenge(&rand, &autn);
    assert_eq!(umts.as_slice(), octets("10 aa*16 10 bb*16"));
    assert_eq!(gsm_challenge(&rand).as_slice(), octets("10 aa*16"));
    let gba = gba_challenge(&rand, &autn);
    assert_eq!(gba.as_slice(), octets("dd 10 aa*16 10 bb*16"));
}

#[test]
fn a_naf_request_puts_lengths_before_both_fields() {
    let request = naf_request(b"naf", b"me@home").unwrap();
    assert_eq!(request, octets("de 03 6e6166 07 6d6540686f6d65"));
}

#[test]
fn a_naf_request_fits_a_short_command_or_is_refused() {
    assert_eq!(naf_request(&[0; 200], &[0; 52]).unwrap().len(), 255);
    let error = naf_request(&[0; 200], &[0; 53]).unwrap_err();
    let expected = CallerError::DoesNotFit {
        what: "NAF_ID and IMPI",
    };
    assert_eq!(error.to_string(), expected.to_string());
}

#[track_caller]
fn keys_of(answer: &str) -> Keys {
    match read_umts(&octets(answer)).unwrap() {
        Authentication::Success(keys) => keys,
        Authentication::SyncFailure(_) => panic!("a synchronisation failure"),
    }
}

#[test]
fn a_res_of_4_to_16_octets_is_taken_whole() {
    for size in 4..=16 {
        let answer = format!("db {size:02x} aa*{size} 10 cc*16 10 dd*16 08 ee*8");
        let keys = keys_of(&answer);
        assert_eq!(keys.res.expose(), vec![0xaa; size]);
        assert_eq!(keys.ck.expose(), &[0xcc; 16]);
        assert_eq!(keys.ik.expose(), &[0xdd; 16]);
        assert_eq!(keys.kc.unwrap().expose(), &[0xee; 8]);
    }
}

#[test]
fn a_res_of_3_or_17_octets_is_malformed() {
    for size in [0, 3, 17] {
        let answer = format!("db {size:02x} aa*{size} 10 cc*16 10 dd*16");
        assert_eq!(read_umts(&octets(&answer)).unwrap_err(), MALFORMED);
    }
}

#[test]
fn kc_may_be_missing() {
    assert!(keys_of("db 08 aa*8 10 cc*16 10 dd*16").kc.is_none());
}

#[test]
fn trailing_octets_are_passed_over() {
    assert!(keys_of("db 08 aa*8 10 cc*16 10 dd*16 00 00").kc.is_none());
    assert!(keys_of("db 08 aa*8 10 cc*16 10 dd*16 ff*9").kc.is_none());
    let keys = keys_of("db 08 aa*8 10 cc*16 10 dd*16 08 ee*8 ffff");
    assert_eq!(keys.kc.unwrap().expose(), &[0xee; 8]);
}

#[test]
fn lengths_past_the_end_are_malformed() {
    for answer in [
        "db",
        "db 08 aa*7",
        "db 08 aa*8 10 cc*15",
        "db 08 aa*8 10 cc*16 10 dd*15",
        "db 08 aa*8 10 cc*16 10 dd*16 08 ee*7",
        "db 08 aa*8 10 cc*16",
        "dc",
        "dc 0e aa*13",
        "",
    ] {
        assert_eq!(
            read_umts(&octets(answer)).unwrap_err(),
            MALFORMED,
            "{answer}"
        );
    }
}

#[test]
fn keys_of_another_size_are_malformed() {
    let answer = octets("db 08 aa*8 0f cc*15 10 dd*16");
    assert_eq!(read_umts(&answer).unwrap_err(), MALFORMED);
    let answer = octets("dc 0d aa*13");
    assert_eq!(read_umts(&answer).unwrap_err(), MALFORMED);
}

#[test]
fn another_tag_is_malformed() {
    let answer = octets("dd 08 aa*8 10 cc*16 10 dd*16");
    assert_eq!(read_umts(&answer).unwrap_err(), MALFORMED);
    assert_eq!(read_gba(&octets("de 08 aa*8")).unwrap_err(), MALFORMED);
}

#[test]
fn a_stale_challenge_gives_auts() {
    match read_umts(&octets("dc 0e aa*14")).unwrap() {
        Authentication::SyncFailure(auts) => assert_eq!(auts.as_bytes(), &[0xaa; 14]),
        Authentication::Success(_) => panic!("keys"),
    }
}

#[test]
fn a_gsm_answer_has_no_tag() {
    let answer = read_gsm(&octets("04 aa*4 08 bb*8 ff")).unwrap();
    assert_eq!(answer.sres.expose(), &[0xaa; 4]);
    assert_eq!(answer.kc.expose(), &[0xbb; 8]);
    for wrong in [
        "",
        "04 aa*4",
        "04 aa*4 08 bb*7",
        "05 aa*5 08 bb*8",
        "04 aa*4 07 bb*7",
    ] {
        assert_eq!(read_gsm(&octets(wrong)).unwrap_err(), MALFORMED, "{wrong}");
    }
}

#[test]
fn run_gsm_algorithm_answers_twelve_octets() {
    let answer = read_run_gsm_algorithm(&octets("aa*4 bb*8")).unwrap();
    assert_eq!(answer.sres.expose(), &[0xaa; 4]);
    assert_eq!(answer.kc.expose(), &[0xbb; 8]);
    let what = "answer to RUN GSM ALGORITHM";
    let error = read_run_gsm_algorithm(&octets("aa*4 bb*7")).unwrap_err();
    assert_eq!(error, CardError::Malformed { what });
}

#[test]
fn gba_bootstrapping_gives_res_or_auts() {
    match read_gba(&octets("db 08 aa*8")).unwrap() {
        GbaBootstrapping::Success(res) => assert_eq!(res.expose(), [0xaa; 8]),
        GbaBootstrapping::SyncFailure(_) => panic!("AUTS"),
    }
    match read_gba(&octets("dc 0e aa*14")).unwrap() {
        GbaBootstrapping::SyncFailure(auts) => assert_eq!(auts.as_bytes(), &[0xaa; 14]),
        GbaBootstrapping::Success(_) => panic!("RES"),
    }
}

#[test]
fn a_naf_key_has_32_octets() {
    let key = read_naf(&octets("db 20 aa*32")).unwrap();
    assert_eq!(key.expose(), &[0xaa; 32]);
    for wrong in ["db 1f aa*31", "db 20 aa*31", "dc 20 aa*32", ""] {
        assert_eq!(read_naf(&octets(wrong)).unwrap_err(), MALFORMED, "{wrong}");
    }
}

proptest! {
    #[test]
    fn what_a_card_writes_is_read(
        res in prop::collection::vec(any::<u8>(), 4..=16),
        ck in any::<[u8; 16]>(),
        ik in any::<[u8; 16]>(),
        kc in prop::option::of(any::<[u8; 8]>()),
    ) {
        let mut answer = vec![0xdb];
        let fields = [Some(&res[..]), Some(&ck[..]), Some(&ik[..]), kc.as_ref().map(|kc| &kc[..])];
        for field in fields.into_iter().flatten() {
            answer.push(u8::try_from(field.len()).unwrap());
            answer.extend(field);
        }
        let Authentication::Success(keys) = read_umts(&answer).unwrap() else {
            panic!("AUTS")
        };
        prop_assert_eq!(keys.res.expose(), res);
        prop_assert_eq!(keys.ck.expose(), &ck);
        prop_assert_eq!(keys.ik.expose(), &ik);
        prop_assert_eq!(keys.kc.map(|kc| *kc.expose()), kc);
    }

    #[test]
    fn an_answer_cut_anywhere_is_malformed(cut in 0..51_usize) {
        let answer = octets("db 08 aa*8 10 cc*16 10 dd*16 08 ee*8");
        // cut right behind IK there is no Kc, which is allowed
        prop_assume!(cut != 44);
        prop_assert_eq!(read_umts(&answer[..cut]).unwrap_err(), MALFORMED);
    }
}

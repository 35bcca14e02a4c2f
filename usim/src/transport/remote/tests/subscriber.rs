//! Each dialect's words for what came of a challenge.

use aka::{Autn, MncLength, Rand};

use super::*;
use crate::{ApplicationKind, Authentication, GbaBootstrapping};

const RES: &str = "A54211D5E3BA50BF";
const CK: &str = "B40BA9A3C58B2A05BBF0D987B21BF8CB";
const IK: &str = "F769BCD751044604127672711C6D3441";
const AUTS: &str = "7C3F6F95EDA94477C0D3D98DAB9A";

/// What a body comes to, said in short.
fn outcome(dialect: Dialect, body: &str) -> String {
    let body = body
        .replace("RES", RES)
        .replace("CK", CK)
        .replace("IK", IK)
        .replace("AUTS", AUTS);
    let (_server, mut subscriber) = behind(dialect, move |_asked| json(200, &body));
    match challenge(&mut subscriber, ApplicationKind::Usim) {
        Ok(Authentication::Success(keys)) => {
            let octets = [keys.ck.expose(), keys.ik.expose()];
            assert_eq!(octets.map(hex::encode_upper), [CK, IK]);
            assert_eq!(hex::encode_upper(keys.res.expose()), RES);
            format!("success {:?}", keys.kc.map(|kc| hex::encode(kc.expose())))
        }
        Ok(Authentication::SyncFailure(auts)) => format!("{:X}", auts.hex()),
        Err(error) => format!("{:?}", kind(&error)),
    }
}

fn challenge(
    subscriber: &mut RemoteSubscriber,
    application: ApplicationKind,
) -> Result<Authentication, Error> {
    subscriber.authenticate(application, &Rand::new([0xaa; 16]), &Autn::new([0xbb; 16]))
}

#[test]
fn original_keys_and_staleness_are_told_apart() {
    let outcome = |body| outcome(Dialect::Original, body);
    let tabs = "{\n\t\"res\": \"RES\",\n\t\"ck\": \"CK\",\n\t\"ik\": \"IK\"\n}";
    assert_eq!(outcome(tabs), "success None");
    assert_eq!(outcome(r#"{"res":"AUTS","ck":null,"ik":null}"#), AUTS);
    assert_eq!(
        outcome(r#"{"res":"AUTS","ck":null,"ik":null,"auts":"AUTS"}"#),
        AUTS
    );
    assert_eq!(
        outcome(r#"{"res":null,"ck":null,"ik":null,"auts":"AUTS"}"#),
        AUTS
    );
}

#[test]
fn an_original_error_never_looks_like_a_success() {
    for body in [
        r#"{"res":null,"ck":null,"ik":null}"#,
        // an AUTS cut in pieces, as the first servers sent it
        r#"{"res":"7C3F6F95EDA94477","ck":"C0D3D98DAB9A","ik":""}"#,
        r#"{"res":"7C3F6F95EDA94477","ck":"C0D3D98DAB9A","ik":null}"#,
        // KASME in the place of CK
        r#"{"res":"RES","ck":"CKCK","ik":null}"#,
        r#"{"res":"RES","ck":null,"ik":null}"#,
        r#"{"res":"RES","ck":"CK","ik":"IK","auts":"AUTS"}"#,
        r#"{"res":"RES","ck":"CK","ik":"IK","error":true}"#,
        r#"{"res":"","ck":"CK","ik":"IK"}"#,
        r#"{"res":"RES","ck":"CK","ik":"IKFF"}"#,
        r#"{"res":"RES","ck":"CK","ik":"XX"}"#,
        r#"{"res":17,"ck":"CK","ik":"IK"}"#,
        r#"{"error":true,"error_code":501,"error_msg":"Error"}"#,
        "{}",
        "[]",
        "null",
    ] {
        assert_eq!(outcome(Dialect::Original, body), "Protocol", "{body}");
    }
}

#[test]
fn original_questions_are_asked_as_servers_know_them() {
    let (server, mut subscriber) = behind(Dialect::Original, |_asked| json(501, ""));
    challenge(&mut subscriber, ApplicationKind::Usim).unwrap_err();
    challenge(&mut subscriber, ApplicationKind::Isim).unwrap_err();
    let (rand, autn) = ("aa".repeat(16), "bb".repeat(16));
    let line = format!("GET /?type=rand-autn&rand={rand}&autn={autn}");
    assert_eq!(server.lines(), [line.clone(), line + "&app=isim"]);
}

#[test]
fn pysims_outcomes_are_read() {
    let outcome = |body| outcome(Dialect::PySim, body);
    let keys = r#"{"successful_3g_authentication":{"res":"RES","ck":"CK","ik":"IK"}}"#;
    assert_eq!(outcome(keys), "success None");
    let with_kc = keys.replace("\"IK\"", r#""IK","kc":"eae4be823af9a08b""#);
    assert_eq!(outcome(&with_kc), r#"success Some("eae4be823af9a08b")"#);
    assert_eq!(
        outcome(r#"{"synchronisation_failure":{"auts":"AUTS"}}"#),
        AUTS
    );
    for wrong in [
        "{}",
        r#"{"successful_3g_authentication":{"res":"RES","ck":"CK"}}"#,
        r#"{"successful_3g_authentication":{"res":"RES","ck":"CK","ik":"IK"},"synchronisation_failure":{"auts":"AUTS"}}"#,
        r#"{"synchronisation_failure":{"auts":"RES"}}"#,
    ] {
        assert_eq!(outcome(wrong), "Protocol", "{wrong}");
    }
}

#[test]
fn pysim_is_asked_by_slot() {
    let (server, mut subscriber) = behind(Dialect::PySim, |_asked| json(500, ""));
    challenge(&mut subscriber, ApplicationKind::Usim).unwrap_err();
    let asked = server.asked().pop().unwrap();
    assert_eq!(asked.line, "POST /sim-auth-api/v1/slot/0");
    let (rand, autn) = ("aa".repeat(16), "bb".repeat(16));
    assert_eq!(
        asked.body,
        format!(r#"{{"rand":"{rand}","autn":"{autn}"}}"#)
    );
    let isim = challenge(&mut subscriber, ApplicationKind::Isim).unwrap_err();
    assert_eq!(kind(&isim), Kind::Unsupported);
}

#[test]
fn typed_outcomes_are_read() {
    let outcome = |body| outcome(Dialect::Typed, body);
    assert_eq!(
        outcome(r#"{"result":"success","res":"RES","ck":"CK","ik":"IK"}"#),
        "success None"
    );
    assert_eq!(
        outcome(r#"{"result":"synchronisation_failure","auts":"AUTS"}"#),
        AUTS
    );
    for wrong in [
        r#"{"res":"RES","ck":"CK","ik":"IK"}"#,
        r#"{"result":"success","res":"RES"}"#,
        r#"{"result":"failure","res":"RES","ck":"CK","ik":"IK"}"#,
        r#"{"result":"synchronisation_failure"}"#,
    ] {
        assert_eq!(outcome(wrong), "Protocol", "{wrong}");
    }
}

#[test]
fn typed_challenges_name_their_context() {
    let (server, mut subscriber) = behind(Dialect::Typed, |_asked| json(500, ""));
    let (rand, autn) = (Rand::new([0xaa; 16]), Autn::new([0xbb; 16]));
    challenge(&mut subscriber, ApplicationKind::Isim).unwrap_err();
    subscriber.authenticate_gsm(&rand).unwrap_err();
    subscriber.gba_bootstrap(&rand, &autn).unwrap_err();
    subscriber
        .gba_naf(&[0x01, 0x02], "user@example")
        .unwrap_err();
    let (rand, autn) = ("aa".repeat(16), "bb".repeat(16));
    let asked: Vec<_> = server
        .asked()
        .into_iter()
        .map(|asked| (asked.line, asked.body))
        .collect();
    let authenticate = "POST /v1/sims/0/authenticate".to_owned();
    assert_eq!(
        asked,
        [
            (
                authenticate.clone(),
                format!(r#"{{"rand":"{rand}","autn":"{autn}","context":"3g","app":"isim"}}"#)
            ),
            (
                authenticate.clone(),
                format!(r#"{{"rand":"{rand}","context":"gsm","app":"usim"}}"#)
            ),
            (
                authenticate,
                format!(r#"{{"rand":"{rand}","autn":"{autn}","context":"gba","app":"usim"}}"#)
            ),
            (
                "POST /v1/sims/0/gba-naf".to_owned(),
                r#"{"naf_id":"0102","impi":"user@example"}"#.to_owned()
            ),
        ]
    );
}

#[test]
fn typed_gsm_and_gba_answers_are_read() {
    let rand = Rand::new([0; 16]);
    let autn = Autn::new([0; 16]);
    let answering = |body: &'static str| behind(Dialect::Typed, move |_asked| json(200, body));

    let (_server, mut subscriber) =
        answering(r#"{"result":"success","sres":"46f8416a","kc":"eae4be823af9a08b"}"#);
    let gsm = subscriber.authenticate_gsm(&rand).unwrap();
    assert_eq!(hex::encode(gsm.sres.expose()), "46f8416a");
    assert_eq!(hex::encode(gsm.kc.expose()), "eae4be823af9a08b");
    let error = subscriber.gba_bootstrap(&rand, &autn).unwrap_err();
    assert_eq!(kind(&error), Kind::Protocol);

    let (_server, mut subscriber) = answering(r#"{"result":"success","res":"a54211d5"}"#);
    match subscriber.gba_bootstrap(&rand, &autn).unwrap() {
        GbaBootstrapping::Success(res) => assert_eq!(hex::encode(res.expose()), "a54211d5"),
        GbaBootstrapping::SyncFailure(_) => panic!("a success"),
    }

    let (_server, mut subscriber) = behind(Dialect::Typed, |_asked| {
        json(
            200,
            &format!(
                r#"{{"result":"success","ks_ext_naf":"{}"}}"#,
                "0f".repeat(32)
            ),
        )
    });
    assert_eq!(
        subscriber.gba_naf(&[1], "u@e").unwrap().expose(),
        &[0x0f; 32]
    );
    let (_server, mut subscriber) = answering(r#"{"result":"success","ks_ext_naf":"0f"}"#);
    assert_eq!(
        kind(&subscriber.gba_naf(&[1], "u@e").unwrap_err()),
        Kind::Protocol
    );
}

#[test]
fn what_a_dialect_has_no_words_for_is_not_asked() {
    for dialect in [Dialect::Original, Dialect::PySim] {
        let (server, mut subscriber) = behind(dialect, |_asked| json(200, "{}"));
        let (rand, autn) = (Rand::new([0; 16]), Autn::new([0; 16]));
        let errors = [
            subscriber.authenticate_gsm(&rand).unwrap_err(),
            subscriber.gba_bootstrap(&rand, &autn).unwrap_err(),
            subscriber.gba_naf(&[1], "u@e").unwrap_err(),
        ];
        assert_eq!(errors.each_ref().map(kind), [Kind::Unsupported; 3]);
        assert_eq!(server.lines(), [""; 0]);
    }
}

#[test]
fn a_typed_identity_has_its_mnc_length_or_says_why_there_is_none() {
    let identity = |body: &'static str| {
        let (_server, mut subscriber) = behind(Dialect::Typed, move |_asked| json(200, body));
        let identity = subscriber.identity();
        identity.map(|known| (known.imsi.as_str().to_owned(), known.mnc_length))
    };
    let imsi = "001010000000001".to_owned();
    let ready = identity(r#"{"state":"ready","imsi":"001010000000001","mnc_length":3}"#);
    assert_eq!(ready.unwrap(), (imsi.clone(), Some(MncLength::Three)));
    let short = identity(r#"{"state":"ready","imsi":"001010000000001","mnc_length":null}"#);
    assert_eq!(short.unwrap(), (imsi, None));
    for (body, expected) in [
        (r#"{"state":"absent","imsi":null}"#, Kind::NoCard),
        (r#"{"state":"locked","imsi":null}"#, Kind::PinRequired),
        (r#"{"state":"failed","imsi":null}"#, Kind::Unavailable),
        (r#"{"state":"ready","imsi":"00101"}"#, Kind::Protocol),
        (
            r#"{"state":"ready","imsi":"001010000000001","mnc_length":4}"#,
            Kind::Protocol,
        ),
    ] {
        assert_eq!(kind(&identity(body).unwrap_err()), expected, "{body}");
    }
}

#[test]
fn ims_identities_are_asked_for_or_derived() {
    let isim = r#"{"impi":"u@ims","domain":"ims","impu":["sip:u@ims"]}"#;
    let (_server, mut subscriber) = behind(Dialect::Typed, move |asked| {
        assert_eq!(asked.line, "GET /?type=isim");
        json(200, isim)
    });
    assert_eq!(subscriber.ims_identity().unwrap().impu, ["sip:u@ims"]);

    for dialect in [Dialect::Original, Dialect::PySim] {
        let (_server, mut subscriber) = behind(dialect, |asked| {
            let known = !asked.line.contains("isim");
            json(
                if known { 200 } else { 501 },
                r#"{"imsi":"001010000000001"}"#,
            )
        });
        let derived = subscriber.ims_identity().unwrap();
        assert_eq!(derived.domain, "ims.mnc001.mcc001.3gppnetwork.org");
    }

    let (_server, mut subscriber) = behind(Dialect::Original, |_asked| json(504, ""));
    assert_eq!(kind(&subscriber.ims_identity().unwrap_err()), Kind::Timeout);
}

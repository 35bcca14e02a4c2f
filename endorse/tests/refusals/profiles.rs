//! The two profiles have no token in common, and neither has one with anything else.

use endorse::{Refusal, UnixTime, Verifier};
use strict_jws::{KeySet, Refusal as Jws};

use crate::forge::{Forge, NATIVE, NOW, SORACOM};

/// Verifiers of both profiles for the same names, with both keys.
fn verifiers() -> [Verifier; 2] {
    let keys = || {
        let mut keys = KeySet::new();
        for forge in [&*NATIVE, &*SORACOM] {
            keys.insert(forge.kid.clone(), forge.key.public().clone())
                .unwrap();
        }
        keys
    };
    let issuer = || "https://endorse.example".parse().unwrap();
    let audience = || "https://api.example".parse().unwrap();
    let native = Verifier::native(issuer(), audience(), keys()).with_max_lifetime(600);
    let subject = "somebody".parse().unwrap();
    [
        native,
        Verifier::soracom(issuer(), audience(), subject, keys()),
    ]
}

/// Claims of both profiles at once, so that only what is outside of them differs.
fn payload() -> String {
    let sim = r#"{"imsi":"001010000000001","method":"aka"}"#;
    NATIVE
        .good_payload()
        .replace("}}", &format!(r#"}},"soracom-endorse-claim":{sim}}}"#))
}

fn refusals(token: &str) -> [Option<Refusal>; 2] {
    verifiers().map(|verifier| verifier.verify(token, UnixTime::from_seconds(NOW)).err())
}

fn signed(forge: &Forge, typ: &str) -> String {
    let (alg, kid) = (forge.alg, &forge.kid);
    forge.signed(
        format!(r#"{{"alg":"{alg}","kid":"{kid}"{typ}}}"#),
        payload(),
    )
}

#[test]
fn a_token_of_one_profile_is_refused_by_the_other_though_all_names_and_claims_agree() {
    let unexpected = Some(Refusal::from(Jws::UnexpectedTyp));
    let typed = r#","typ":"endorse+jwt""#;
    assert_eq!(refusals(&signed(&NATIVE, typed)), [None, unexpected]);
    assert_eq!(refusals(&signed(&SORACOM, typed)), [None, unexpected]);
    assert_eq!(refusals(&signed(&SORACOM, "")), [unexpected, None]);
    assert_eq!(
        refusals(&signed(&NATIVE, "")),
        [unexpected, Some(Refusal::KeyOutsideProfile)]
    );
}

#[test]
fn a_soracom_funk_token_is_refused() {
    let token = SORACOM.claim("sub", r#""funk.soracom.io""#);
    assert_eq!(SORACOM.verify(token).err(), Some(Refusal::WrongSubject));
}

#[test]
fn a_soracom_key_has_a_soracom_name() {
    let mut keys = KeySet::new();
    let names = [
        "k",
        "v1-ABCDEF00000000000000000000000000-x509.pem",
        "v1-00-x509.pem",
    ];
    for name in names {
        keys.insert(name.parse().unwrap(), SORACOM.key.public().clone())
            .unwrap();
    }
    let issuer = "https://soracom.io".parse().unwrap();
    let audience = "soracom-endorse-audience".parse().unwrap();
    let verifier = Verifier::soracom(issuer, audience, "soracom-endorse".parse().unwrap(), keys);
    for name in names {
        let token = SORACOM.header("kid", &format!("{name:?}"));
        let refusal = verifier.verify(&token, UnixTime::from_seconds(NOW)).err();
        assert_eq!(refusal, Some(Refusal::KeyOutsideProfile), "{name}");
    }
}

#[test]
fn a_native_token_tells_how_the_sim_was_proven() {
    let sim = r#"{"imsi":"001010000000001"}"#;
    let token = NATIVE.claim("endorse", sim);
    assert_eq!(
        NATIVE.verify(token).err(),
        Some(Refusal::MissingClaim("method"))
    );
}

#[test]
fn neither_profile_takes_the_others_claim() {
    let other = NATIVE
        .good_payload()
        .replace("\"endorse\":", "\"soracom-endorse-claim\":");
    assert_eq!(
        NATIVE.verify(NATIVE.payload(other)).err(),
        Some(Refusal::MissingClaim("endorse"))
    );
}

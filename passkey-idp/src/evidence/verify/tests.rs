//! Packages that verify, and every way in which they do not.

use serde_json::Value;
use strict_jws::{Algorithm, Signer, SigningKey, SystemRandom};

use super::*;
use crate::Duration;
use crate::binding::Scheme;
use crate::evidence::{SealPackageError, read_unverified, seal};
use crate::id::UserId;
use crate::webauthn::{Aaguid, CoseKey, Quirks, TestAuthenticator};

fn signer() -> Signer {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(Algorithm::Es256, &random).unwrap();
    Signer::certifying(SigningKey::from_pem(&pem, &random).unwrap())
}

/// What a passkey has signed; everything in it depends on `seed`.
fn signed(seed: u8) -> Statement {
    let authenticator = TestAuthenticator::es256(UserId::from([seed; 16]));
    Statement::sample(seed, authenticator, &Quirks::none())
}

/// A package that the server signs, whatever it says.
fn package(statement: &Value, signer: &Signer) -> String {
    let payload = statement.to_string();
    let jws = signer.sign(Some(TYP), payload.as_bytes(), &SystemRandom::new());
    let package = Package {
        format: FORMAT.to_owned(),
        jwk: jwk(signer.public()),
        jws: jws.unwrap(),
    };
    json(&package)
}

fn refusal(statement: &Statement) -> Refusal {
    match seal(statement, &signer(), &SystemRandom::new()) {
        Err(SealPackageError::Refused(refusal)) => refusal,
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_passkeys_of_three_algorithms_signed_verifies() {
    let user = UserId::from([1; 16]);
    for authenticator in [
        TestAuthenticator::es256(user),
        TestAuthenticator::rs256(user),
        TestAuthenticator::eddsa(user),
    ] {
        let statement = Statement::sample(1, authenticator, &Quirks::none());
        let package = seal(&statement, &signer(), &SystemRandom::new()).unwrap();
        let verified = verify(&package, &Trust::Embedded).unwrap();
        assert_eq!(verified.statement, statement);
        assert!(verified.uv);
    }
}

#[test]
fn what_was_kept_is_read_as_it_was_verified() {
    let statement = signed(1);
    let package = seal(&statement, &signer(), &SystemRandom::new()).unwrap();
    assert_eq!(read_unverified(&package), Ok(statement));
    let without_payload = r#"{"format":"","jwk":{},"jws":"e30"}"#;
    assert_eq!(read_unverified("{}"), Err(Refusal::Form));
    assert_eq!(read_unverified(without_payload), Err(Refusal::Form));
    let of_something_else = r#"{"format":"","jwk":{},"jws":"e30.e30.e30"}"#;
    assert_eq!(read_unverified(of_something_else), Err(Refusal::Statement));
}

#[test]
fn what_was_signed_in_the_old_binding_verifies() {
    let user = UserId::from([1; 16]);
    let mut statement = Statement {
        scheme: Scheme::V0,
        ..signed(1)
    };
    assert_eq!(refusal(&statement), Refusal::Binding);
    statement.sign(TestAuthenticator::es256(user), &Quirks::none());
    seal(&statement, &signer(), &SystemRandom::new()).unwrap();
}

#[test]
fn a_new_passkey_is_evidence_of_itself() {
    let user = UserId::from([1; 16]);
    let statement = Statement::sample_registration(1, TestAuthenticator::es256(user));
    seal(&statement, &signer(), &SystemRandom::new()).unwrap();
    let other = TestAuthenticator::es256(user);
    let wrong = [
        Statement {
            credential_id: other.credential_id().clone(),
            ..statement.clone()
        },
        Statement {
            public_key: CoseKey::parse(&other.cose_key()).unwrap(),
            ..statement.clone()
        },
        Statement {
            aaguid: Aaguid::from([2; 16]),
            ..statement.clone()
        },
    ];
    for statement in wrong {
        assert_eq!(refusal(&statement), Refusal::Credential);
    }
    let signed_in = Statement {
        act: Act::SignIn,
        ..statement
    };
    assert_eq!(refusal(&signed_in), Refusal::Ceremony);
}

#[test]
fn every_flipped_bit_of_every_octet_is_noticed() {
    let package = seal(&signed(1), &signer(), &SystemRandom::new()).unwrap();
    for at in 0..package.len() {
        for bit in [0, 1, 5] {
            let mut octets = package.clone().into_bytes();
            octets[at] ^= 1 << bit;
            let changed = String::from_utf8(octets).expect("these bits leave ASCII ASCII");
            assert!(
                verify(&changed, &Trust::Embedded).is_err(),
                "bit {bit} of octet {at}"
            );
        }
    }
}

#[test]
fn whatever_is_left_out_or_added_is_noticed() {
    let package = seal(&signed(1), &signer(), &SystemRandom::new()).unwrap();
    for at in 0..package.len() {
        let without = [&package[..at], &package[at + 1..]].concat();
        assert!(
            verify(&without, &Trust::Embedded).is_err(),
            "without octet {at}"
        );
    }
    for changed in [
        format!("{package}\n"),
        format!(" {package}"),
        package.replacen(',', ", ", 1),
        package.replacen('{', "{\"more\":1,", 1),
        package.replacen("\"jws\"", "\"jws\":\"\",\"jws\"", 1),
        package.replace("/v1", "/v2"),
    ] {
        assert_eq!(
            verify(&changed, &Trust::Embedded).unwrap_err(),
            Refusal::Form
        );
    }
}

/// Which fields only the server answers for: everything else the passkey has signed, too.
const THE_SERVERS_WORD: [&str; 3] = ["placed_at", "credential_id", "aaguid"];

#[test]
fn every_swapped_field_is_noticed_even_if_the_server_signs_it() {
    let [one, other] = [1, 2].map(|seed| serde_json::to_value(signed(seed)).unwrap());
    let signer = signer();
    for (name, value) in other.as_object().unwrap() {
        let mut swapped = one.clone();
        swapped[name] = value.clone();
        if swapped == one {
            continue;
        }
        let verified = verify(&package(&swapped, &signer), &Trust::Embedded);
        assert_eq!(
            verified.is_ok(),
            THE_SERVERS_WORD.contains(&name.as_str()),
            "{name}"
        );
    }
    for name in [
        "client_data_json",
        "authenticator_data",
        "signature",
        "user_handle",
    ] {
        let mut swapped = one.clone();
        swapped["proof"]["assertion"][name] = other["proof"]["assertion"][name].clone();
        assert!(
            verify(&package(&swapped, &signer), &Trust::Embedded).is_err(),
            "{name}"
        );
    }
}

#[test]
fn every_field_that_is_swapped_under_the_old_signature_is_noticed() {
    let [one, other] = [1, 2].map(|seed| serde_json::to_value(signed(seed)).unwrap());
    let signer = signer();
    let genuine: Value = serde_json::from_str(&package(&one, &signer)).unwrap();
    let jws = genuine["jws"].as_str().unwrap();
    for (name, value) in other.as_object().unwrap() {
        let mut swapped = one.clone();
        swapped[name] = value.clone();
        if swapped == one {
            continue;
        }
        let mut parts: Vec<_> = jws.split('.').collect();
        let payload = strict_jws::base64::encode(swapped.to_string().as_bytes());
        parts[1] = &payload;
        let mut forged = genuine.clone();
        forged["jws"] = parts.join(".").into();
        let refusal = verify(&forged.to_string(), &Trust::Embedded).unwrap_err();
        assert!(matches!(refusal, Refusal::Server(_)), "{name}");
    }
}

#[test]
fn a_field_that_is_missing_or_unknown_is_noticed() {
    let one = serde_json::to_value(signed(1)).unwrap();
    let signer = signer();
    for name in one.as_object().unwrap().keys() {
        let mut less = one.clone();
        less.as_object_mut().unwrap().shift_remove(name);
        let refusal = verify(&package(&less, &signer), &Trust::Embedded).unwrap_err();
        assert_eq!(refusal, Refusal::Statement, "{name}");
    }
    let mut more = one.clone();
    more["more"] = 1.into();
    assert_eq!(
        verify(&package(&more, &signer), &Trust::Embedded).unwrap_err(),
        Refusal::Statement
    );
    let mut reordered = one;
    let act = reordered
        .as_object_mut()
        .unwrap()
        .shift_remove("act")
        .unwrap();
    reordered["act"] = act;
    let refusal = verify(&package(&reordered, &signer), &Trust::Embedded).unwrap_err();
    assert_eq!(refusal, Refusal::Statement);
}

#[test]
fn what_is_wrong_with_an_answer_is_said() {
    let with = |quirks: &Quirks| {
        let authenticator = TestAuthenticator::es256(UserId::from([1; 16]));
        refusal(&Statement::sample(1, authenticator, quirks))
    };
    let created = Quirks {
        client_type: Some("webauthn.create"),
        ..Quirks::none()
    };
    assert_eq!(with(&created), Refusal::Ceremony);
    let framed = Quirks {
        client_members: Some(",\"crossOrigin\":true"),
        ..Quirks::none()
    };
    assert_eq!(with(&framed), Refusal::Origin);
    for flags in [0x00, 0x01, 0x04] {
        let absent = Quirks {
            flags: Some(flags),
            ..Quirks::none()
        };
        assert_eq!(with(&absent), Refusal::User);
    }
    let short = Quirks {
        flags: Some(0x45),
        ..Quirks::none()
    };
    assert!(matches!(with(&short), Refusal::Malformed(_)));
    let unsigned = Quirks {
        signature: Some(Box::new(|_| vec![1])),
        ..Quirks::none()
    };
    assert_eq!(with(&unsigned), Refusal::Signature);
}

#[test]
fn a_statement_that_contradicts_itself_is_refused() {
    let one = signed(1);
    let stranger = UserId::from([9; 16]);
    let second = Duration::from_seconds(1);
    for (statement, expected) in [
        (
            Statement {
                user: stranger,
                ..one.clone()
            },
            Refusal::Signer,
        ),
        (
            Statement {
                signed_at: one.expires_at,
                ..one.clone()
            },
            Refusal::Time,
        ),
        (
            Statement {
                signed_at: one.placed_at.minus(second),
                ..one.clone()
            },
            Refusal::Time,
        ),
        (
            Statement {
                origins: Vec::new(),
                ..one.clone()
            },
            Refusal::Origin,
        ),
        (
            Statement {
                text: "other".into(),
                ..one.clone()
            },
            Refusal::Binding,
        ),
        (
            Statement {
                act: Act::Register,
                ..one
            },
            Refusal::Ceremony,
        ),
    ] {
        assert_eq!(refusal(&statement), expected);
    }
}

#[test]
fn a_server_that_is_not_known_is_not_believed() {
    let (known, other) = (signer(), signer());
    let package = seal(&signed(1), &known, &SystemRandom::new()).unwrap();
    let keys = |signer: &Signer| {
        let mut keys = KeySet::new();
        keys.insert(signer.key_id().clone(), signer.public().clone())
            .unwrap();
        keys
    };
    assert!(verify(&package, &Trust::Keys(&keys(&known))).is_ok());
    let refusal = verify(&package, &Trust::Keys(&keys(&other))).unwrap_err();
    assert_eq!(refusal, Refusal::UnknownKey);
    let swapped = {
        let mut package: Value = serde_json::from_str(&package).unwrap();
        package["jwk"] = jwk(other.public());
        package.to_string()
    };
    let refusal = verify(&swapped, &Trust::Embedded).unwrap_err();
    assert!(matches!(refusal, Refusal::Server(_)));
}

#[test]
fn a_token_of_the_server_for_something_else_is_no_evidence() {
    let signer = signer();
    let payload = json(&signed(1));
    let jws = signer
        .sign(Some("at+jwt"), payload.as_bytes(), &SystemRandom::new())
        .unwrap();
    let package = Package {
        format: FORMAT.to_owned(),
        jwk: jwk(signer.public()),
        jws,
    };
    let refusal = verify(&json(&package), &Trust::Embedded).unwrap_err();
    assert!(matches!(refusal, Refusal::Server(_)));
}

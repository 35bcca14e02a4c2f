//! Key confirmation against the published vectors, which were computed by another program
//! (Python's `hmac` and `hashlib`).
#![expect(clippy::unwrap_used, reason = "what is unexpected fails the test")]

use endorse::RequestParameters;
use endorse::confirm::{AkaRun, ConfirmationKey, Transaction, Transcript};
use serde_json::Value;
use strict_jws::Thumbprint;

struct Vector {
    run: [[u8; 16]; 4],
    origin: String,
    transaction: Transaction,
    nonce: Option<String>,
    audience: String,
    parameters: RequestParameters,
    key: Option<Thumbprint>,
    confirm: String,
}

impl Vector {
    fn named(name: &str) -> Self {
        let all: Vec<Value> = serde_json::from_str(include_str!("vectors/confirm.json")).unwrap();
        let of = all.iter().find(|vector| vector["name"] == name).unwrap();
        let text = |name: &str| of[name].as_str().map(str::to_owned);
        let octets = |name: &str| {
            hex::decode(text(name).unwrap())
                .unwrap()
                .try_into()
                .unwrap()
        };
        let parameters = of["requestParameters"].as_object().unwrap().iter();
        let pair =
            |(name, value): (&String, &Value)| (name.clone(), value.as_str().unwrap().into());
        Self {
            run: ["rand", "autn", "ck", "ik"].map(octets),
            origin: text("origin").unwrap(),
            transaction: text("txn").unwrap().parse().unwrap(),
            nonce: text("nonce"),
            audience: text("audience").unwrap(),
            parameters: RequestParameters::collect(parameters.map(pair)).unwrap(),
            key: text("jkt").map(|jkt| jkt.parse().unwrap()),
            confirm: text("confirm").unwrap(),
        }
    }

    fn key(&self) -> ConfirmationKey {
        let [rand, autn, ck, ik] = &self.run;
        ConfirmationKey::derive(
            AkaRun { rand, autn, ck, ik },
            &self.origin,
            &self.transaction,
        )
    }

    fn transcript(&self) -> Transcript<'_> {
        Transcript {
            origin: &self.origin,
            nonce: self.nonce.as_deref(),
            audience: &self.audience,
            request_parameters: &self.parameters,
            key: self.key.as_ref(),
        }
    }
}

#[test]
fn the_vector_with_everything() {
    let vector = Vector::named("everything");
    assert_eq!(
        vector.key().confirm(&vector.transcript()).to_base64(),
        vector.confirm
    );
}

#[test]
fn the_vector_with_the_least() {
    let vector = Vector::named("least");
    assert_eq!(
        vector.key().confirm(&vector.transcript()).to_base64(),
        vector.confirm
    );
}

#[test]
fn whoever_lacks_ck_or_ik_has_the_wrong_answer() {
    let vector = Vector::named("everything");
    let genuine = vector.key().confirm(&vector.transcript());
    for index in 0..4 {
        let mut relay = Vector::named("everything");
        relay.run[index][15] ^= 1;
        let forged = relay.key().confirm(&relay.transcript());
        assert!(
            !vector
                .key()
                .verifies(&vector.transcript(), forged.as_bytes())
        );
        assert!(
            !relay
                .key()
                .verifies(&relay.transcript(), genuine.as_bytes())
        );
    }
}

#[test]
fn an_answer_is_for_one_issuer_and_one_transaction() {
    let vector = Vector::named("everything");
    let genuine = vector.key().confirm(&vector.transcript());
    let mut other = Vector::named("everything");
    other.transaction = Transaction::new([9; 16]);
    assert!(
        !other
            .key()
            .verifies(&other.transcript(), genuine.as_bytes())
    );
    let mut other = Vector::named("everything");
    other.origin = "https://endorse.evil".to_owned();
    assert!(
        !other
            .key()
            .verifies(&other.transcript(), genuine.as_bytes())
    );
}

#[test]
fn an_answer_is_for_one_nonce_audience_key_and_set_of_parameters() {
    let vector = Vector::named("everything");
    let (key, genuine) = (vector.key(), vector.key().confirm(&vector.transcript()));
    let own = vector.transcript();
    let swapped: Thumbprint = strict_jws::base64::encode(&[1; 32]).parse().unwrap();
    let parameters = RequestParameters::default();
    for other in [
        Transcript { nonce: None, ..own },
        Transcript {
            nonce: Some(""),
            ..own
        },
        Transcript {
            audience: "https://api.example/",
            ..own
        },
        Transcript {
            key: Some(&swapped),
            ..own
        },
        Transcript { key: None, ..own },
        Transcript {
            request_parameters: &parameters,
            ..own
        },
    ] {
        assert!(!key.verifies(&other, genuine.as_bytes()), "{other:?}");
    }
    assert!(key.verifies(&own, genuine.as_bytes()));
}

#[test]
fn what_is_not_32_octets_is_no_answer() {
    let vector = Vector::named("least");
    let genuine = vector.key().confirm(&vector.transcript());
    let longer = [&genuine.as_bytes()[..], &[0]].concat();
    for octets in [&[][..], &genuine.as_bytes()[..31], &longer, &[0; 32]] {
        assert!(!vector.key().verifies(&vector.transcript(), octets));
    }
}

#[test]
fn a_transaction_has_22_symbols() {
    let text = Transaction::new([0xff; 16]).to_string();
    assert_eq!(text, "_____________________w");
    assert_eq!(
        text.parse::<Transaction>().unwrap(),
        Transaction::new([0xff; 16])
    );
    for text in [
        "",
        "AAAAAAAAAAAAAAAAAAAAA",
        "AAAAAAAAAAAAAAAAAAAAAB",
        "AAAAAAAAAAAAAAAAAAAAAAA",
    ] {
        assert!(text.parse::<Transaction>().is_err(), "{text}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let vector = Vector::named("everything");
    let [rand, autn, ck, ik] = &vector.run;
    let run = format!("{:?}", AkaRun { rand, autn, ck, ik });
    let confirmation = format!("{:?}", vector.key().confirm(&vector.transcript()));
    assert_eq!(run, "AkaRun([redacted])");
    assert_eq!(confirmation, "Confirmation([redacted])");
    assert_eq!(format!("{:?}", vector.key()), "ConfirmationKey([redacted])");
}

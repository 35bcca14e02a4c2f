//! Proofs of possession, good and bad.
#![expect(clippy::unwrap_used, reason = "what is unexpected fails the test")]

use strict_jws::proof::{Proof, make};
use strict_jws::{
    Algorithm, InvalidKey, Policy, Refusal, Signer, SigningKey, SystemRandom, UnixTime, base64,
    dpop,
};

const POLICY: Policy = Policy::typed("dpop+jwt");

fn key(algorithm: Algorithm) -> SigningKey {
    let random = SystemRandom::new();
    let pem = SigningKey::generate_pem(algorithm, &random).unwrap();
    SigningKey::from_pem(&pem, &random).unwrap()
}

/// A proof with this header, signed by `key`.
fn with_header(key: &SigningKey, header: &str) -> String {
    let message = [header, "{}"]
        .map(|part| base64::encode(part.as_bytes()))
        .join(".");
    let signature = key.sign(message.as_bytes(), &SystemRandom::new()).unwrap();
    format!("{message}.{}", base64::encode(signature.as_ref()))
}

fn refusal(token: &str) -> Option<Refusal> {
    Proof::verify(token, &POLICY).err()
}

#[test]
fn a_proof_tells_its_key_and_payload() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let key = key(algorithm);
        let token = make(&key, "dpop+jwt", b"{\"jti\":\"x\"}", &SystemRandom::new()).unwrap();
        let proof = Proof::verify(&token, &POLICY).unwrap();
        assert_eq!(proof.key(), key.public());
        assert_eq!(proof.payload(), b"{\"jti\":\"x\"}");
    }
}

#[test]
fn a_proof_of_another_key_is_refused() {
    let (key, other) = (key(Algorithm::Es256), key(Algorithm::Es256));
    let jwk = other.public().to_jwk();
    let token = with_header(
        &key,
        &format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk}}}"#),
    );
    assert_eq!(refusal(&token), Some(Refusal::Signature));
}

#[test]
fn a_proof_with_a_private_key_is_refused() {
    let key = key(Algorithm::Es256);
    let jwk = key.public().to_jwk().replacen('}', r#","d":"AA"}"#, 1);
    let token = with_header(
        &key,
        &format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk}}}"#),
    );
    assert_eq!(
        refusal(&token),
        Some(Refusal::EmbeddedKey(InvalidKey::Private))
    );
}

#[test]
fn a_proof_whose_key_is_for_another_algorithm_is_refused() {
    let key = key(Algorithm::EdDsa);
    let jwk = key.public().to_jwk();
    let token = with_header(
        &key,
        &format!(r#"{{"typ":"dpop+jwt","alg":"ES256","jwk":{jwk}}}"#),
    );
    let mismatch = Refusal::AlgorithmMismatch {
        header: Algorithm::Es256,
        key: Algorithm::EdDsa,
    };
    assert_eq!(refusal(&token), Some(mismatch));
}

#[test]
fn a_header_that_is_not_a_proofs_is_refused() {
    let key = key(Algorithm::Es256);
    let jwk = key.public().to_jwk();
    for (header, reason) in [
        (
            r#"{"typ":"dpop+jwt","alg":"ES256"}"#.to_owned(),
            Refusal::MissingMember("jwk"),
        ),
        (
            format!(r#"{{"typ":"jwt","alg":"ES256","jwk":{jwk}}}"#),
            Refusal::UnexpectedTyp,
        ),
        (
            format!(r#"{{"alg":"ES256","jwk":{jwk}}}"#),
            Refusal::UnexpectedTyp,
        ),
        (
            format!(r#"{{"typ":"dpop+jwt","alg":"none","jwk":{jwk}}}"#),
            Refusal::UnsupportedAlgorithm,
        ),
        (
            format!(r#"{{"typ":"dpop+jwt","alg":"HS256","jwk":{jwk}}}"#),
            Refusal::UnsupportedAlgorithm,
        ),
        (
            format!(r#"{{"typ":"dpop+jwt","jwk":{jwk}}}"#),
            Refusal::MissingMember("alg"),
        ),
        (
            format!(r#"{{"typ":"dpop+jwt","alg":"ES256","kid":"k","jwk":{jwk}}}"#),
            Refusal::ForbiddenMember("kid"),
        ),
        (
            format!(r#"{{"typ":"dpop+jwt","alg":"ES256","crit":[],"jwk":{jwk}}}"#),
            Refusal::ForbiddenMember("crit"),
        ),
        (
            r#"{"typ":"dpop+jwt","alg":"ES256","jwk":"x"}"#.to_owned(),
            Refusal::EmbeddedKey(InvalidKey::NotAnObject),
        ),
    ] {
        assert_eq!(
            refusal(&with_header(&key, &header)),
            Some(reason),
            "{header}"
        );
    }
}

#[test]
fn a_proof_and_a_token_are_never_taken_for_each_other() {
    let random = SystemRandom::new();
    let signer = Signer::certifying(key(Algorithm::Es256));
    let token = signer.sign(Some("dpop+jwt"), b"{}", &random).unwrap();
    assert_eq!(refusal(&token), Some(Refusal::ForbiddenMember("kid")));
    let mut keys = strict_jws::KeySet::new();
    keys.insert_certifying(signer.public().clone()).unwrap();
    let proof = make(&key(Algorithm::Es256), "dpop+jwt", b"{}", &random).unwrap();
    assert_eq!(
        keys.verify(&proof, &POLICY).err(),
        Some(Refusal::ForbiddenMember("jwk"))
    );
}

#[test]
fn the_name_of_a_proof_is_short_and_printable() {
    let key = key(Algorithm::Es256);
    let refused = |name: &str| {
        let name = serde_json::to_string(name).unwrap();
        let payload =
            format!(r#"{{"htm":"GET","htu":"https://a.example/","iat":1000,"jti":{name}}}"#);
        let text = make(&key, "dpop+jwt", payload.as_bytes(), &SystemRandom::new()).unwrap();
        let request = dpop::Request::new("GET", "https://a.example/");
        dpop::verify(&text, request, 60, UnixTime::from_seconds(1000)).err()
    };
    for good in ["x", &"y".repeat(256)] {
        assert_eq!(refused(good), None);
    }
    for bad in ["", "a b", "a\u{0}", "\u{e9}", &"y".repeat(257)] {
        assert_eq!(refused(bad), Some(dpop::Flaw::Claim("jti")), "{bad:?}");
    }
}

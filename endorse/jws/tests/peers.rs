//! jsonwebtoken, a peer on other cryptography: its tokens verify here, and ours verify there.
#![expect(clippy::unwrap_used, reason = "what is unexpected fails the test")]

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{DecodingKey, EncodingKey, Header, Validation, decode, encode};
use serde_json::{Value, json};
use strict_jws::{Algorithm, KeySet, Policy, PublicKey, Signer, SigningKey, SystemRandom};

const KEYS: [(&str, &str); 3] = [
    (
        include_str!("keys/p256.pem"),
        include_str!("keys/p256.pub.pem"),
    ),
    (
        include_str!("keys/ed25519.pem"),
        include_str!("keys/ed25519.pub.pem"),
    ),
    (
        include_str!("keys/rsa2048.pem"),
        include_str!("keys/rsa2048.pub.pem"),
    ),
];

fn peer_algorithm(algorithm: Algorithm) -> jsonwebtoken::Algorithm {
    algorithm.name().parse().unwrap()
}

fn peer_signing_key(algorithm: Algorithm, pem: &str) -> EncodingKey {
    let pem = pem.as_bytes();
    match algorithm {
        Algorithm::Es256 => EncodingKey::from_ec_pem(pem),
        Algorithm::EdDsa => EncodingKey::from_ed_pem(pem),
        Algorithm::Rs256 | _ => EncodingKey::from_rsa_pem(pem),
    }
    .unwrap()
}

#[test]
fn a_peer_verifies_what_is_signed_here_with_the_key_as_jwk() {
    let random = SystemRandom::new();
    for (pem, _) in KEYS {
        let signer = Signer::certifying(SigningKey::from_pem(pem, &random).unwrap());
        let token = signer
            .sign(Some("test+jwt"), br#"{"exp":4102444800,"n":1}"#, &random)
            .unwrap();
        let jwk: Jwk = serde_json::from_str(&signer.public().to_jwk()).unwrap();
        let key = DecodingKey::from_jwk(&jwk).unwrap();
        let mut validation = Validation::new(peer_algorithm(signer.algorithm()));
        validation.validate_aud = false;
        let decoded = decode::<Value>(&token, &key, &validation).unwrap();
        assert_eq!(decoded.claims, json!({"exp": 4_102_444_800_u64, "n": 1}));
        assert_eq!(
            decoded.header.kid.as_deref(),
            Some(signer.key_id().as_str())
        );
        assert_eq!(decoded.header.typ.as_deref(), Some("test+jwt"));
    }
}

#[test]
fn what_a_peer_signs_verifies_here() {
    for (pem, public) in KEYS {
        let public = PublicKey::from_pem(public).unwrap();
        let mut header = Header::new(peer_algorithm(public.algorithm()));
        header.kid = Some("k".to_owned());
        let key = peer_signing_key(public.algorithm(), pem);
        let token = encode(&header, &json!({"n": 1}), &key).unwrap();
        let mut keys = KeySet::new();
        keys.insert("k".parse().unwrap(), public).unwrap();
        let verified = keys.verify(&token, &Policy::untyped_or_jwt()).unwrap();
        assert_eq!(verified.payload(), br#"{"n":1}"#);
    }
}

//! Signatures.

use proptest::prelude::*;
use ring::hmac;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaEncoding};
use strict_jws::Refusal::{AlgorithmMismatch, Signature, UnsupportedAlgorithm};
use strict_jws::{Algorithm, SigningKey, SystemRandom, base64};

use crate::forge::{Forge, NATIVE, SORACOM, refused, signing_key};

/// The public key in the five encodings that someone may have taken for an HMAC secret.
fn secrets(forge: &Forge) -> [Vec<u8>; 5] {
    let key = forge.key.public();
    let (pem, spki) = (key.to_pem(), key.to_spki());
    let raw = spki[spki.len() - 64..].to_vec();
    [
        pem.trim().into(),
        pem.into_bytes(),
        spki,
        raw,
        key.to_jwk().into_bytes(),
    ]
}

fn hmac(forge: &Forge, encoding: usize) -> String {
    let header = forge.header_members(&[("alg", r#""HS256""#)]);
    let unsigned = forge.with_signature(&header, &[]);
    let key = hmac::Key::new(hmac::HMAC_SHA256, &secrets(forge)[encoding]);
    let tag = hmac::sign(&key, unsigned.trim_end_matches('.').as_bytes());
    forge.with_signature(&header, tag.as_ref())
}

fn truncated(forge: &Forge) -> String {
    let token = forge.good();
    // Whole groups of four symbols, so that what is left decodes.
    token[..token.len() - token.rsplit('.').next().unwrap().len() + 8].to_owned()
}

fn foreign(forge: &Forge) -> String {
    let pem = if forge.key.algorithm() == Algorithm::Rs256 {
        include_str!("../keys/other_rsa2048.pem").to_owned()
    } else {
        SigningKey::generate_pem(forge.key.algorithm(), &SystemRandom::new()).unwrap()
    };
    let message = forge.good();
    let (message, _) = message.rsplit_once('.').unwrap();
    let signature = signing_key(&pem)
        .sign(message.as_bytes(), &SystemRandom::new())
        .unwrap();
    format!("{message}.{}", base64::encode(signature.as_ref()))
}

/// The signature of another token of the same issuer.
fn moved(forge: &Forge) -> String {
    let (good, other) = (forge.good(), forge.claim("sub", r#""somebody else""#));
    let (message, _) = other.rsplit_once('.').unwrap();
    let (_, signature) = good.rsplit_once('.').unwrap();
    format!("{message}.{signature}")
}

refused! {
    hmac_with_the_pem: |forge| hmac(forge, 0) => UnsupportedAlgorithm;
    hmac_with_the_pem_and_its_newline: |forge| hmac(forge, 1) => UnsupportedAlgorithm;
    hmac_with_the_der: |forge| hmac(forge, 2) => UnsupportedAlgorithm;
    hmac_with_the_raw_key: |forge| hmac(forge, 3) => UnsupportedAlgorithm;
    hmac_with_the_jwk: |forge| hmac(forge, 4) => UnsupportedAlgorithm;
    no_signature: |forge| forge.with_signature(&forge.good_header(), &[]) => Signature;
    a_signature_of_zeros: |forge| forge.with_signature(&forge.good_header(), &[0; 64]) => Signature;
    a_truncated_signature: |forge| truncated(forge) => Signature;
    a_lengthened_signature: |forge| {
        let good = forge.good();
        let (message, signature) = good.rsplit_once('.').unwrap();
        let mut signature = base64::decode(signature.as_bytes()).unwrap();
        signature.push(0);
        format!("{message}.{}", base64::encode(&signature))
    } => Signature;
    another_key_under_the_same_name: |forge| foreign(forge) => Signature;
    the_signature_of_another_token: |forge| moved(forge) => Signature;
    the_payload_of_another_token: |forge| {
        let other = forge.claim("sub", r#""somebody else""#);
        let payload = other.split('.').nth(1).unwrap();
        let good = forge.good();
        let parts: Vec<_> = good.split('.').collect();
        [parts[0], payload, parts[2]].join(".")
    } => Signature;
}

/// A signature of SORACOM's key in another way than RS256's.
fn rsa(alg: &str, way: &'static dyn RsaEncoding) -> String {
    let pem = include_str!("../keys/rsa2048.pem");
    let text: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let text = text
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    let pair = KeyPair::from_pkcs8(&base64::decode(text.as_bytes()).unwrap()).unwrap();
    let header = SORACOM.header_members(&[("alg", alg)]);
    let unsigned = SORACOM.with_signature(&header, &[]);
    let message = unsigned.trim_end_matches('.').as_bytes();
    let mut signature = vec![0; 256];
    pair.sign(way, &SystemRandom::new(), message, &mut signature)
        .unwrap();
    SORACOM.with_signature(&header, &signature)
}

#[test]
fn other_rsa_signatures_are_refused_under_their_own_name_and_under_rs256() {
    let ways: [(_, &'static dyn RsaEncoding); 2] =
        [("RS384", &RSA_PKCS1_SHA384), ("PS256", &RSA_PSS_SHA256)];
    for (name, way) in ways {
        let own = rsa(&format!("{name:?}"), way);
        assert_eq!(
            SORACOM.verify(own).err(),
            Some(UnsupportedAlgorithm.into()),
            "{name}"
        );
        assert_eq!(
            SORACOM.verify(rsa(r#""RS256""#, way)).err(),
            Some(Signature.into()),
            "{name}"
        );
    }
}

#[test]
fn a_1024_bit_rsa_key_under_the_same_name() {
    let key = include_bytes!("../keys/rsa1024.pem");
    let key = jsonwebtoken::EncodingKey::from_rsa_pem(key).unwrap();
    let header = jsonwebtoken::Header {
        typ: None,
        kid: Some(SORACOM.kid.to_string()),
        ..jsonwebtoken::Header::new(jsonwebtoken::Algorithm::RS256)
    };
    let claims: serde_json::Value = serde_json::from_str(&SORACOM.good_payload()).unwrap();
    let token = jsonwebtoken::encode(&header, &claims, &key).unwrap();
    assert_eq!(SORACOM.verify(token).err(), Some(Signature.into()));
}

#[test]
fn another_algorithm_than_the_keys() {
    let rs256 = NATIVE.header("alg", r#""RS256""#);
    let mismatch = AlgorithmMismatch {
        header: Algorithm::Rs256,
        key: Algorithm::Es256,
    };
    assert_eq!(NATIVE.verify(rs256).err(), Some(mismatch.into()));
    let es256 = SORACOM.header("alg", r#""ES256""#);
    assert_eq!(
        SORACOM.verify(es256).err(),
        Some(endorse::Refusal::KeyOutsideProfile)
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_token_with_one_bit_flipped_is_refused(bit: prop::sample::Index) {
        for forge in [&*NATIVE, &*SORACOM] {
            let mut token = forge.good().into_bytes();
            let bit = bit.index(token.len() * 8);
            token[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(forge.verify(token).is_err());
        }
    }
}

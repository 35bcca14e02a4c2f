//! Signatures.

use proptest::prelude::*;
use ring::rsa::KeyPair;
use ring::signature::{RSA_PKCS1_SHA384, RSA_PSS_SHA256, RsaEncoding};
use strict_jws::Refusal::{Signature, UnsupportedAlgorithm};
use strict_jws::{Algorithm, SigningKey, SystemRandom, base64};

use crate::forge::{ED25519, P256, RSA, RSA_PEM, good, header, refused, verify, with_signature};

/// The order of P-256's base point (FIPS 186-4 §D.1.2.3), and its neighbours.
const N: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551";
const N_MINUS_1: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632550";
const N_PLUS_1: &str = "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632552";
const ZERO: &str = "0000000000000000000000000000000000000000000000000000000000000000";
const ONE: &str = "0000000000000000000000000000000000000000000000000000000000000001";
const ALL_ONES: &str = "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff";

/// A token of this algorithm with these octets for its signature.
fn octets(algorithm: Algorithm, signature: impl Into<Vec<u8>>) -> String {
    with_signature(header(algorithm), b"{}", |_| signature.into())
}

/// A good token whose signature was changed.
fn changed(key: &SigningKey, change: impl FnOnce(&mut Vec<u8>)) -> String {
    with_signature(header(key.algorithm()), b"{}", |message| {
        let mut signature = key
            .sign(message, &SystemRandom::new())
            .unwrap()
            .as_ref()
            .to_vec();
        change(&mut signature);
        signature
    })
}

/// A signature of this RSA key in another way than RS256's.
fn rsa(alg: &str, way: &'static dyn RsaEncoding) -> String {
    let header = format!(r#"{{"alg":"{alg}","kid":"RS256","typ":"test+jwt"}}"#);
    with_signature(header, b"{}", |message| {
        let base64: String = RSA_PEM
            .lines()
            .filter(|line| !line.starts_with('-'))
            .collect();
        let base64 = base64
            .trim_end_matches('=')
            .replace('+', "-")
            .replace('/', "_");
        let pair = KeyPair::from_pkcs8(&base64::decode(base64.as_bytes()).unwrap()).unwrap();
        let mut signature = vec![0; 256];
        pair.sign(way, &SystemRandom::new(), message, &mut signature)
            .unwrap();
        signature
    })
}

/// The same signature in ASN.1 DER, as TLS writes it.
fn in_der(fixed: &[u8]) -> Vec<u8> {
    let integers: Vec<u8> = fixed
        .chunks(32)
        .flat_map(|integer| [&[2, 33, 0][..], integer].concat())
        .collect();
    let length = u8::try_from(integers.len()).unwrap();
    [&[0x30, length][..], &integers].concat()
}

refused! {
    rs384_validly_signed: rsa("RS384", &RSA_PKCS1_SHA384) => UnsupportedAlgorithm;
    ps256_validly_signed: rsa("PS256", &RSA_PSS_SHA256) => UnsupportedAlgorithm;
    ps256_under_the_name_rs256: rsa("RS256", &RSA_PSS_SHA256) => Signature;
    rs384_under_the_name_rs256: rsa("RS256", &RSA_PKCS1_SHA384) => Signature;
    eddsa_of_64_zeros: octets(Algorithm::EdDsa, [0; 64]) => Signature;
    eddsa_with_the_neutral_point: octets(Algorithm::EdDsa, [&[1][..], &[0; 63]].concat()) => Signature;
    rs256_of_zeros: octets(Algorithm::Rs256, [0; 256]) => Signature;
    rs256_of_one: octets(Algorithm::Rs256, [&[0; 255][..], &[1]].concat()) => Signature;
    es256_empty: octets(Algorithm::Es256, []) => Signature;
    eddsa_empty: octets(Algorithm::EdDsa, []) => Signature;
    rs256_empty: octets(Algorithm::Rs256, []) => Signature;
    es256_truncated: changed(&P256, |signature| signature.truncate(63)) => Signature;
    eddsa_truncated: changed(&ED25519, |signature| signature.truncate(63)) => Signature;
    rs256_truncated: changed(&RSA, |signature| signature.truncate(255)) => Signature;
    es256_with_an_octet_more: changed(&P256, |signature| signature.push(0)) => Signature;
    eddsa_with_an_octet_more: changed(&ED25519, |signature| signature.push(0)) => Signature;
    rs256_with_an_octet_more: changed(&RSA, |signature| signature.push(0)) => Signature;
    rs256_with_a_zero_in_front: changed(&RSA, |signature| signature.insert(0, 0)) => Signature;
    es256_in_der: changed(&P256, |signature| *signature = in_der(signature)) => Signature;
    es256_halves_exchanged: changed(&P256, |signature| signature.rotate_left(32)) => Signature;
}

#[test]
fn es256_with_r_or_s_out_of_range_or_at_its_edges() {
    let numbers = [ZERO, ONE, N_MINUS_1, N, N_PLUS_1, ALL_ONES].map(hex);
    for r in &numbers {
        for s in &numbers {
            let token = octets(Algorithm::Es256, [&r[..], s].concat());
            assert_eq!(verify(token).err(), Some(Signature));
        }
    }
}

#[test]
fn es256_with_one_half_of_a_genuine_signature() {
    for number in [ZERO, ONE, N_MINUS_1, N, N_PLUS_1].map(hex) {
        let r = changed(&P256, |signature| signature[..32].copy_from_slice(&number));
        let s = changed(&P256, |signature| signature[32..].copy_from_slice(&number));
        assert_eq!(verify(r).err(), Some(Signature));
        assert_eq!(verify(s).err(), Some(Signature));
    }
}

#[test]
fn eddsa_with_s_beyond_the_order_of_the_group() {
    // L, little-endian (RFC 8032 §5.1).
    let order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let token = changed(&ED25519, |signature| {
        let mut carry = 0;
        for (octet, added) in signature[32..].iter_mut().zip(&order) {
            let sum = u16::from(*octet) + u16::from(*added) + carry;
            *octet = sum.to_le_bytes()[0];
            carry = sum >> 8;
        }
    });
    assert_eq!(verify(token).err(), Some(Signature));
}

#[test]
fn a_signature_of_another_key_under_the_same_name() {
    let random = SystemRandom::new();
    for key in [&*P256, &*ED25519] {
        let pem = SigningKey::generate_pem(key.algorithm(), &random).unwrap();
        let other = SigningKey::from_pem(&pem, &random).unwrap();
        assert_eq!(verify(good(&other)).err(), Some(Signature));
    }
}

#[test]
fn a_signature_of_another_token() {
    for key in [&*P256, &*ED25519, &*RSA] {
        let token = good(key);
        let (_, signature) = token.rsplit_once('.').unwrap();
        let other = with_signature(header(key.algorithm()), b"{}", |_| {
            base64::decode(signature.as_bytes()).unwrap()
        });
        assert_eq!(verify(other).err(), Some(Signature));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn a_token_with_one_bit_flipped_is_refused(bit: prop::sample::Index, which in 0_usize..3) {
        let key = [&*P256, &*ED25519, &*RSA][which];
        let mut token = good(key).into_bytes();
        prop_assert!(verify(&token).is_ok());
        let bit = bit.index(token.len() * 8);
        token[bit / 8] ^= 1 << (bit % 8);
        prop_assert!(verify(&token).is_err());
    }
}

fn hex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

//! Keys that are read, and those that are refused.

use ring::rand::SystemRandom;
use ring::rsa::KeyPair as RsaKeyPair;
use ring::signature::{ECDSA_P384_SHA384_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _, RSA_PSS_SHA256};

use super::*;
use crate::id::UserId;
use crate::webauthn::TestAuthenticator;

fn user() -> UserId {
    UserId::from([1; 16])
}

fn es256() -> Vec<u8> {
    TestAuthenticator::es256(user()).cose_key()
}

fn rs256() -> Vec<u8> {
    TestAuthenticator::rs256(user()).cose_key()
}

/// `octets` with the first `from` replaced.
fn replaced(octets: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let at = octets
        .windows(from.len())
        .position(|window| window == from)
        .unwrap();
    [&octets[..at], to, &octets[at + from.len()..]].concat()
}

#[test]
fn keys_of_three_algorithms_come_back_from_json() {
    for (octets, algorithm) in [
        (es256(), Algorithm::Es256),
        (rs256(), Algorithm::Rs256),
        (
            TestAuthenticator::eddsa(user()).cose_key(),
            Algorithm::EdDsa,
        ),
    ] {
        let key = CoseKey::parse(&octets).unwrap();
        assert_eq!((key.algorithm(), key.octets()), (algorithm, &octets[..]));
        let text = serde_json::to_string(&key).unwrap();
        assert_eq!(serde_json::from_str::<CoseKey>(&text).unwrap(), key);
    }
}

#[test]
fn es384_and_ps256_verify_what_ring_signs() {
    let random = SystemRandom::new();
    let algorithm = &ECDSA_P384_SHA384_ASN1_SIGNING;
    let pkcs8 = EcdsaKeyPair::generate_pkcs8(algorithm, &random).unwrap();
    let pair = EcdsaKeyPair::from_pkcs8(algorithm, pkcs8.as_ref(), &random).unwrap();
    let point = pair.public_key().as_ref();
    let (x, y) = point[1..].split_at(48);
    let octets = [
        &hex::decode("a501020338222002215830").unwrap(),
        x,
        &[0x22, 0x58, 48],
        y,
    ];
    let key = CoseKey::parse(&octets.concat()).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Es384);
    let signature = pair.sign(&random, b"message").unwrap();
    assert!(key.verifies(b"message", signature.as_ref()));
    assert!(!key.verifies(b"massage", signature.as_ref()));

    let pem = include_str!("../test_authenticator/rsa2048.pem");
    let der: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = der
        .trim_end_matches('=')
        .replace('+', "-")
        .replace('/', "_");
    let pair = RsaKeyPair::from_pkcs8(&base64::decode(der.as_bytes()).unwrap()).unwrap();
    // -257 takes three octets, -37 two.
    let octets = replaced(&rs256(), &[0x03, 0x39, 0x01, 0x00], &[0x03, 0x38, 0x24]);
    let key = CoseKey::parse(&octets).unwrap();
    assert_eq!(key.algorithm(), Algorithm::Ps256);
    let mut signature = vec![0; pair.public().modulus_len()];
    pair.sign(&RSA_PSS_SHA256, &random, b"message", &mut signature)
        .unwrap();
    assert!(key.verifies(b"message", &signature));
    assert!(
        !CoseKey::parse(&rs256())
            .unwrap()
            .verifies(b"message", &signature)
    );
}

#[test]
fn a_point_beside_the_curve_is_refused() {
    let mut octets = es256();
    *octets.last_mut().unwrap() ^= 1;
    let refusal = CoseKey::parse(&octets).unwrap_err();
    assert_eq!(
        refusal.0,
        "the coordinates are those of no point on the curve"
    );
    for (from, to) in [(0, 0), (0xff, 0xff)] {
        let mut octets = es256();
        octets[10..42].fill(from);
        octets[45..].fill(to);
        assert!(CoseKey::parse(&octets).is_err());
    }
}

#[test]
fn a_coordinate_of_another_length_is_refused() {
    let octets = es256();
    let cut = [&octets[..43], &[0x58, 31], &octets[45..76]].concat();
    assert_eq!(
        CoseKey::parse(&cut).unwrap_err().0,
        "a coordinate has the wrong length"
    );
}

#[test]
fn a_curve_or_type_of_another_algorithm_is_refused() {
    let octets = es256();
    let p384 = replaced(&octets, &[0x20, 0x01], &[0x20, 0x02]);
    assert_eq!(
        CoseKey::parse(&p384).unwrap_err().0,
        "the curve is not the algorithm's"
    );
    let okp = replaced(&octets, &[0x01, 0x02], &[0x01, 0x01]);
    assert_eq!(
        CoseKey::parse(&okp).unwrap_err().0,
        "the key type is not the algorithm's"
    );
    let hmac = replaced(&octets, &[0x03, 0x26], &[0x03, 0x05]);
    assert_eq!(CoseKey::parse(&hmac).unwrap_err().0, "unknown algorithm");
}

#[test]
fn a_compressed_point_is_refused() {
    let octets = es256();
    let compressed = [&octets[..42], &[0x22, 0xf5]].concat();
    assert_eq!(
        CoseKey::parse(&compressed).unwrap_err().0,
        "a parameter of the key is missing"
    );
}

#[test]
fn a_weak_rsa_key_is_refused() {
    let octets = rs256();
    let weak = "the RSA key is weak or written otherwise";
    // e = 3, e = 1, a modulus of 1024 bits, an even one, a zero in front of it
    let three = replaced(&octets, &[0x43, 1, 0, 1], &[0x41, 3]);
    let one = replaced(&octets, &[0x43, 1, 0, 1], &[0x41, 1]);
    let short = {
        let mut modulus = octets[11..11 + 128].to_vec();
        modulus[127] |= 1;
        [&octets[..8], &[0x58, 128], &modulus, &octets[11 + 256..]].concat()
    };
    let mut even = octets.clone();
    even[11 + 255] &= 0xfe;
    let zero = [&octets[..8], &[0x59, 1, 1, 0], &octets[11..]].concat();
    for wrong in [three, one, short, even, zero] {
        assert_eq!(CoseKey::parse(&wrong).unwrap_err().0, weak);
    }
}

#[test]
fn other_parameters_and_other_forms_are_refused() {
    let octets = es256();
    let mut more = octets.clone();
    more[0] = 0xa6;
    more.extend([0x23, 0x01]);
    let refusal = CoseKey::parse(&more).unwrap_err();
    assert_eq!(refusal.0, "the key has other parameters than its own");
    let trailing = [&octets[..], &[0]].concat();
    assert!(CoseKey::parse(&trailing).is_err());
    for length in 0..octets.len() {
        assert!(CoseKey::parse(&octets[..length]).is_err(), "{length}");
    }
    let unordered = [&octets[..1], &octets[3..5], &octets[1..3], &octets[5..]].concat();
    assert!(CoseKey::parse(&unordered).is_err());
}

#[test]
fn an_ed25519_point_of_small_order_is_refused() {
    let octets = TestAuthenticator::eddsa(user()).cose_key();
    let mut small = octets.clone();
    let at = small.len() - 32;
    small[at..].fill(0);
    assert_eq!(
        CoseKey::parse(&small).unwrap_err().0,
        "the point is unfit for signatures"
    );
    assert!(CoseKey::parse(&octets).is_ok());
}

//! Keys in PEM, DER and JWK.

use strict_jws::json::InvalidJson;
use strict_jws::{
    Algorithm, Attribute, InvalidKey, InvalidSigningKey, PublicKey, SigningKey, SystemRandom,
    base64,
};

use crate::forge::{ED25519, P256, P256_PEM, RSA, RSA_PEM, public_keys};

fn pem(text: &str) -> Option<InvalidKey> {
    PublicKey::from_pem(text).err()
}

fn spki(change: impl FnOnce(&mut Vec<u8>)) -> Option<InvalidKey> {
    let mut der = P256.public().to_spki();
    change(&mut der);
    PublicKey::from_spki(&der).err()
}

fn jwk(text: &str) -> Option<InvalidKey> {
    PublicKey::from_jwk(text.as_bytes()).err()
}

/// An RSA JWK with this modulus and exponent.
fn rsa(modulus: &[u8], exponent: &[u8]) -> Option<InvalidKey> {
    let [n, e] = [modulus, exponent].map(base64::encode);
    jwk(&format!(r#"{{"kty":"RSA","n":"{n}","e":"{e}"}}"#))
}

/// A modulus of this many bits, all ones.
fn modulus(bits: usize) -> Vec<u8> {
    let mut octets = vec![0xff; bits.div_ceil(8)];
    octets[0] = 0xff >> (octets.len() * 8 - bits);
    octets
}

const E: &[u8] = &[1, 0, 1];

/// The JWK of the P-256 key with `from` replaced.
fn p256(from: &str, to: &str) -> Option<InvalidKey> {
    let text = P256.public().to_jwk();
    assert!(text.contains(from), "{text}");
    jwk(&text.replacen(from, to, 1))
}

/// The JWK of the P-256 key with one more member.
fn and(member: &str) -> Option<InvalidKey> {
    p256("}", &format!(",{member}}}"))
}

#[test]
fn every_form_of_a_key_gives_the_same_key() {
    for key in public_keys() {
        assert_eq!(&PublicKey::from_pem(&key.to_pem()).unwrap(), key);
        assert_eq!(&PublicKey::from_spki(&key.to_spki()).unwrap(), key);
        assert_eq!(&PublicKey::from_jwk(key.to_jwk().as_bytes()).unwrap(), key);
    }
}

#[test]
fn pem_is_written_as_openssl_writes_it() {
    assert_eq!(P256.public().to_pem(), include_str!("../keys/p256.pub.pem"));
    assert_eq!(
        ED25519.public().to_pem(),
        include_str!("../keys/ed25519.pub.pem")
    );
    assert_eq!(
        RSA.public().to_pem(),
        include_str!("../keys/rsa2048.pub.pem")
    );
}

#[test]
fn the_thumbprint_is_that_of_rfc_7638() {
    // RFC 7638 §3.1.
    let text = r#"{"kty":"RSA","n":"0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw","e":"AQAB","alg":"RS256","kid":"2011-04-29"}"#;
    let key = PublicKey::from_jwk(text.as_bytes()).unwrap();
    assert_eq!(
        key.thumbprint().to_string(),
        "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    );
    // RFC 8037 §A.3.
    let text = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let key = PublicKey::from_jwk(text.as_bytes()).unwrap();
    assert_eq!(
        key.thumbprint().to_string(),
        "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
    );
}

#[test]
fn other_pem_blocks_are_refused() {
    let expected = Some(InvalidKey::Pem {
        expected: "PUBLIC KEY",
    });
    let good = P256.public().to_pem();
    for text in [
        "",
        include_str!("../keys/certificate.pem"),
        include_str!("../keys/rsa2048.pkcs1.pem"),
        P256_PEM,
        &good.repeat(2),
        &format!("x{good}"),
        &format!("{good}x"),
        &good.replacen("-----END PUBLIC", "-----END PRIVATE", 1),
        &good.replacen("==", "=", 1),
        &good.replacen("==", "", 1),
        &good.replacen("MFk", "M_k", 1),
    ] {
        assert_eq!(pem(text), expected, "{text}");
    }
}

#[test]
fn keys_of_other_kinds_are_refused() {
    assert_eq!(
        pem(include_str!("../keys/p384.pub.pem")),
        Some(InvalidKey::Unsupported(Attribute::Curve))
    );
    // id-X25519 instead of id-Ed25519 (RFC 8410 §3).
    let mut der = ED25519.public().to_spki();
    der[8] = 0x6e;
    assert_eq!(
        PublicKey::from_spki(&der).err(),
        Some(InvalidKey::Unsupported(Attribute::Type))
    );
}

#[test]
fn a_spki_has_one_form_only() {
    assert_eq!(spki(|der| der.push(0)), Some(InvalidKey::Der));
    assert_eq!(
        spki(|der| der.truncate(der.len() - 1)),
        Some(InvalidKey::Der)
    );
    assert_eq!(spki(Vec::clear), Some(InvalidKey::Der));
    // The unused bits of the BIT STRING.
    assert_eq!(spki(|der| der[25] = 1), Some(InvalidKey::Der));
    // A length in the long form.
    assert_eq!(
        spki(|der| {
            der.insert(1, 0x81);
        }),
        Some(InvalidKey::Der)
    );
    // Another form of the point.
    assert_eq!(spki(|der| der[26] = 6), Some(InvalidKey::NotOnCurve));
}

#[test]
fn an_rsa_key_of_1024_bits_is_refused() {
    let text = include_str!("../keys/rsa1024.pub.pem");
    assert_eq!(pem(text), Some(InvalidKey::ModulusTooSmall { bits: 1024 }));
    assert_eq!(
        rsa(&modulus(2047), E),
        Some(InvalidKey::ModulusTooSmall { bits: 2047 })
    );
    assert_eq!(rsa(&modulus(2048), E), None);
}

#[test]
fn an_rsa_key_beyond_8192_bits_is_refused() {
    assert_eq!(rsa(&modulus(8192), E), None);
    assert_eq!(
        rsa(&modulus(8193), E),
        Some(InvalidKey::ModulusTooLarge { bits: 8193 })
    );
}

#[test]
fn an_even_modulus_is_refused() {
    let mut even = modulus(2048);
    even[255] = 0xfe;
    assert_eq!(rsa(&even, E), Some(InvalidKey::EvenModulus));
}

#[test]
fn exponents_that_are_small_even_or_huge_are_refused() {
    assert_eq!(
        pem(include_str!("../keys/e3.pub.pem")),
        Some(InvalidKey::Exponent)
    );
    for exponent in [&[1][..], &[3], &[0xff, 0xff], &[1, 0, 0], &[2, 0, 0, 0, 1]] {
        assert_eq!(
            rsa(&modulus(2048), exponent),
            Some(InvalidKey::Exponent),
            "{exponent:?}"
        );
    }
    assert_eq!(rsa(&modulus(2048), &[1, 0xff, 0xff, 0xff, 0xff]), None);
}

#[test]
fn numbers_with_leading_zeros_are_refused() {
    assert_eq!(
        rsa(&[vec![0], modulus(2048)].concat(), E),
        Some(InvalidKey::Length("n"))
    );
    assert_eq!(
        rsa(&modulus(2048), &[0, 1, 0, 1]),
        Some(InvalidKey::Length("e"))
    );
    assert_eq!(rsa(&[], E), Some(InvalidKey::Length("n")));
}

#[test]
fn a_jwk_of_another_type_or_curve_is_refused() {
    assert_eq!(
        p256(r#""EC""#, r#""ec""#),
        Some(InvalidKey::Unsupported(Attribute::Type))
    );
    assert_eq!(
        p256(r#""EC""#, r#""oct""#),
        Some(InvalidKey::Unsupported(Attribute::Type))
    );
    assert_eq!(
        p256(r#""EC""#, r#""OKP""#),
        Some(InvalidKey::Unsupported(Attribute::Curve))
    );
    assert_eq!(
        p256("P-256", "P-384"),
        Some(InvalidKey::Unsupported(Attribute::Curve))
    );
    assert_eq!(
        p256("P-256", "secp256k1"),
        Some(InvalidKey::Unsupported(Attribute::Curve))
    );
    assert_eq!(p256(r#""EC""#, "1"), Some(InvalidKey::WrongType("kty")));
}

#[test]
fn a_jwk_for_another_use_or_algorithm_is_refused() {
    assert_eq!(
        and(r#""use":"enc""#),
        Some(InvalidKey::Unsupported(Attribute::Use))
    );
    assert_eq!(and(r#""use":null"#), Some(InvalidKey::WrongType("use")));
    assert_eq!(
        and(r#""key_ops":["sign"]"#),
        Some(InvalidKey::Unsupported(Attribute::Operations))
    );
    assert_eq!(
        and(r#""key_ops":["verify","deriveKey"]"#),
        Some(InvalidKey::Unsupported(Attribute::Operations))
    );
    assert_eq!(
        and(r#""key_ops":[]"#),
        Some(InvalidKey::Unsupported(Attribute::Operations))
    );
    assert_eq!(
        and(r#""key_ops":"verify""#),
        Some(InvalidKey::WrongType("key_ops"))
    );
    assert_eq!(
        and(r#""alg":"ECDH-ES""#),
        Some(InvalidKey::Unsupported(Attribute::Algorithm))
    );
    assert_eq!(
        and(r#""alg":"HS256""#),
        Some(InvalidKey::Unsupported(Attribute::Algorithm))
    );
    assert_eq!(and(r#""alg":"RS256""#), Some(InvalidKey::Contradiction));
    assert_eq!(
        and(r#""use":"sig","key_ops":["verify"],"alg":"ES256","x5t":"AA""#),
        None
    );
}

#[test]
fn a_private_or_symmetric_jwk_is_refused() {
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
        assert_eq!(
            and(&format!(r#""{member}":"AA""#)),
            Some(InvalidKey::Private),
            "{member}"
        );
    }
    assert_eq!(jwk(r#"{"kty":"oct","k":"AA"}"#), Some(InvalidKey::Private));
}

#[test]
fn coordinates_that_are_no_point_are_refused() {
    let x = |x: &[u8]| p256(r#""x":""#, &format!(r#""x":"{}","_":""#, base64::encode(x)));
    assert_eq!(x(&[1; 32]), Some(InvalidKey::NotOnCurve));
    assert_eq!(x(&[0xff; 32]), Some(InvalidKey::NotOnCurve));
    assert_eq!(x(&[1; 31]), Some(InvalidKey::Length("x")));
    assert_eq!(x(&[1; 33]), Some(InvalidKey::Length("x")));
    let zero = base64::encode(&[0; 32]);
    let origin = format!(r#"{{"kty":"EC","crv":"P-256","x":"{zero}","y":"{zero}"}}"#);
    assert_eq!(jwk(&origin), Some(InvalidKey::NotOnCurve));
}

#[test]
fn ed25519_points_of_small_order_are_refused() {
    let mut one = [0; 32];
    one[0] = 1;
    for point in [[0; 32], one, [0xff; 32]] {
        let x = base64::encode(&point);
        let text = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{x}"}}"#);
        assert_eq!(jwk(&text), Some(InvalidKey::SmallOrder));
    }
}

#[test]
fn a_jwk_that_lacks_a_member_or_is_none_is_refused() {
    assert_eq!(jwk("{}"), Some(InvalidKey::Missing("kty")));
    assert_eq!(jwk(r#"{"kty":"EC"}"#), Some(InvalidKey::Missing("crv")));
    assert_eq!(
        jwk(r#"{"kty":"EC","crv":"P-256"}"#),
        Some(InvalidKey::Missing("x"))
    );
    assert_eq!(jwk(r#"{"kty":"RSA"}"#), Some(InvalidKey::Missing("n")));
    assert_eq!(jwk("[]"), Some(InvalidKey::NotAnObject));
    assert_eq!(
        jwk("x"),
        Some(InvalidKey::Json(InvalidJson::UnexpectedCharacter))
    );
    assert_eq!(
        and(r#""kty":"EC""#),
        Some(InvalidKey::Json(InvalidJson::DuplicateMember))
    );
    let padded = base64::InvalidBase64::Symbol;
    assert_eq!(
        p256(r#""x":""#, r#""x":"="#),
        None.or(Some(InvalidKey::Base64("x", padded)))
    );
}

#[test]
fn private_keys_of_other_kinds_are_refused_without_saying_why() {
    let random = SystemRandom::new();
    let refusal = |text: &str| SigningKey::from_pem(text, &random).err();
    assert_eq!(
        refusal(include_str!("../keys/rsa1024.pem")),
        Some(InvalidSigningKey::Pkcs8)
    );
    assert_eq!(
        refusal(&P256.public().to_pem()),
        Some(InvalidSigningKey::Pem)
    );
    assert_eq!(
        refusal(&P256_PEM.replacen("MIGH", "MIGG", 1)),
        Some(InvalidSigningKey::Pkcs8)
    );
    let rsa = SigningKey::generate_pem(Algorithm::Rs256, &random);
    assert_eq!(rsa.err(), Some(InvalidSigningKey::NotGenerated));
}

#[test]
fn a_generated_key_signs_what_its_public_half_verifies() {
    let random = SystemRandom::new();
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let pem = SigningKey::generate_pem(algorithm, &random).unwrap();
        let key = SigningKey::from_pem(&pem, &random).unwrap();
        let signature = key.sign(b"message", &random).unwrap();
        assert_eq!(key.algorithm(), algorithm);
        assert!(key.public().verifies(b"message", signature.as_ref()));
        assert!(!key.public().verifies(b"massage", signature.as_ref()));
    }
}

#[test]
fn debug_shows_no_private_key() {
    let key = SigningKey::from_pem(RSA_PEM, &SystemRandom::new()).unwrap();
    let shown = format!("{key:?}");
    assert_eq!(
        shown,
        format!("SigningKey(PublicKey(RS256 {}))", RSA.public().thumbprint())
    );
}

//! Tokens of any kind, and the verifier that they are for.

use std::sync::LazyLock;

use strict_jws::{
    Algorithm, KeySet, Policy, PublicKey, Refusal, SigningKey, SystemRandom, Verified, base64,
};

pub(crate) const P256_PEM: &str = include_str!("../keys/p256.pem");
pub(crate) const ED25519_PEM: &str = include_str!("../keys/ed25519.pem");
pub(crate) const RSA_PEM: &str = include_str!("../keys/rsa2048.pem");

pub(crate) const TYP: &str = "test+jwt";

pub(crate) static P256: LazyLock<SigningKey> = LazyLock::new(|| signing_key(P256_PEM));
pub(crate) static ED25519: LazyLock<SigningKey> = LazyLock::new(|| signing_key(ED25519_PEM));
pub(crate) static RSA: LazyLock<SigningKey> = LazyLock::new(|| signing_key(RSA_PEM));

fn signing_key(pem: &str) -> SigningKey {
    SigningKey::from_pem(pem, &SystemRandom::new()).unwrap()
}

/// The keys that the verifier trusts, named after their algorithms.
pub(crate) static TRUSTED: LazyLock<KeySet> = LazyLock::new(|| {
    let mut keys = KeySet::new();
    for key in [&*P256, &*ED25519, &*RSA] {
        keys.insert(
            key.algorithm().name().parse().unwrap(),
            key.public().clone(),
        )
        .unwrap();
    }
    keys
});

pub(crate) fn verify(token: impl AsRef<[u8]>) -> Result<Verified, Refusal> {
    TRUSTED.verify(&token, &Policy::typed(TYP))
}

/// The header that the verifier expects.
pub(crate) fn header(algorithm: Algorithm) -> String {
    let name = algorithm.name();
    format!(r#"{{"alg":"{name}","kid":"{name}","typ":"{TYP}"}}"#)
}

/// A token with any header and payload, and a genuine signature over them.
pub(crate) fn signed(key: &SigningKey, header: impl AsRef<[u8]>, payload: &[u8]) -> String {
    with_signature(header, payload, |message| {
        key.sign(message, &SystemRandom::new())
            .unwrap()
            .as_ref()
            .to_vec()
    })
}

/// A token with any header, payload and signature.
pub(crate) fn with_signature(
    header: impl AsRef<[u8]>,
    payload: &[u8],
    sign: impl FnOnce(&[u8]) -> Vec<u8>,
) -> String {
    let message = [header.as_ref(), payload].map(base64::encode).join(".");
    let signature = sign(message.as_bytes());
    format!("{message}.{}", base64::encode(&signature))
}

/// A token with a genuine signature over any header.
pub(crate) fn with_header(header: impl AsRef<[u8]>) -> String {
    signed(&P256, header, b"{}")
}

/// A token that the verifier takes.
pub(crate) fn good(key: &SigningKey) -> String {
    signed(key, header(key.algorithm()), br#"{"a":1}"#)
}

/// The verifier's public keys.
pub(crate) fn public_keys() -> [&'static PublicKey; 3] {
    [P256.public(), ED25519.public(), RSA.public()]
}

/// One test for each token: its name, the token, the reason of its refusal.
macro_rules! refused {
    ($($name:ident: $token:expr => $reason:expr;)+) => {
        $(
            #[test]
            fn $name() {
                assert_eq!($crate::forge::verify($token).err(), Some($reason));
            }
        )+
    };
}

pub(crate) use refused;

#[test]
fn what_is_right_in_all_ways_is_accepted() {
    for key in [&*P256, &*ED25519, &*RSA] {
        let verified = verify(good(key)).unwrap();
        assert_eq!(verified.payload(), br#"{"a":1}"#);
        assert_eq!(verified.header().algorithm(), key.algorithm());
        assert_eq!(verified.header().key_id().as_str(), key.algorithm().name());
    }
}

#[test]
fn a_header_may_be_spaced_and_escaped_in_any_way_that_json_allows() {
    let token =
        with_header("{ \"\\u0061lg\" :\"ES256\",\n\"typ\":\"test\\u002bjwt\",\"kid\":\"ES256\"}\t");
    assert_eq!(verify(token).unwrap().payload(), b"{}");
}

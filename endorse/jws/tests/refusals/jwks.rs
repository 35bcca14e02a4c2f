//! JWK sets.

use strict_jws::json::InvalidJson;
use strict_jws::{Attribute, InvalidKey, InvalidKeySet, KeyId, KeySet, PublicKey, Unsupported};

use crate::forge::{ED25519, P256, TRUSTED};

fn refusal(text: &str) -> Option<InvalidKeySet> {
    KeySet::from_jwks(text.as_bytes(), Unsupported::Refuse).err()
}

/// A set of the P-256 key's JWK with these members added, and then of the Ed25519 key's.
fn set(first: &str, second: &str) -> String {
    let member = |key: &PublicKey, more: &str| key.to_jwk().replacen('}', &format!(",{more}}}"), 1);
    format!(
        r#"{{"keys":[{},{}]}}"#,
        member(P256.public(), first),
        member(ED25519.public(), second)
    )
}

#[test]
fn a_set_survives_the_way_there_and_back() {
    let text = TRUSTED.to_jwks();
    assert_eq!(
        KeySet::from_jwks(text.as_bytes(), Unsupported::Refuse),
        Ok(TRUSTED.clone())
    );
}

#[test]
fn a_set_without_keys_is_a_set() {
    assert_eq!(
        KeySet::from_jwks(br#"{"keys":[]}"#, Unsupported::Refuse),
        Ok(KeySet::new())
    );
    assert_eq!(KeySet::new().to_jwks(), r#"{"keys":[]}"#);
}

#[test]
fn a_kid_that_comes_twice_refuses_the_set() {
    let text = set(r#""kid":"a""#, r#""kid":"\u0061""#);
    assert_eq!(
        refusal(&text),
        Some(InvalidKeySet::DuplicateKeyId { index: 1 })
    );
}

#[test]
fn a_key_without_a_usable_kid_refuses_the_set() {
    for kid in [r#""x":1"#, r#""kid":1"#, r#""kid":"""#, r#""kid":"../a""#] {
        let text = set(r#""kid":"a""#, &kid.replace("\"x\":1", "\"z\":1"));
        assert_eq!(
            refusal(&text),
            Some(InvalidKeySet::KeyId { index: 1 }),
            "{kid}"
        );
    }
}

#[test]
fn a_key_for_something_else_is_skipped_where_the_caller_says_so() {
    let text = set(r#""kid":"a","use":"enc""#, r#""kid":"b""#);
    let cause = InvalidKey::Unsupported(Attribute::Use);
    assert_eq!(refusal(&text), Some(InvalidKeySet::Key { index: 0, cause }));
    let skipped = KeySet::from_jwks(text.as_bytes(), Unsupported::Skip).unwrap();
    let names: Vec<_> = skipped.iter().map(|(key_id, _)| key_id.as_str()).collect();
    assert_eq!(names, ["b"]);
}

#[test]
fn a_key_that_is_wrong_in_itself_is_never_skipped() {
    let text = set(r#""kid":"a","d":"AA""#, r#""kid":"b""#);
    let expected = InvalidKeySet::Key {
        index: 0,
        cause: InvalidKey::Private,
    };
    let skipping = KeySet::from_jwks(text.as_bytes(), Unsupported::Skip);
    assert_eq!(skipping.err(), Some(expected));
}

#[test]
fn what_is_no_set_is_refused() {
    for text in ["[]", "{}", r#"{"keys":{}}"#, r#"{"keys":null}"#, "null"] {
        assert_eq!(refusal(text), Some(InvalidKeySet::NotASet), "{text}");
    }
    assert_eq!(
        refusal("{"),
        Some(InvalidKeySet::Json(InvalidJson::UnexpectedEnd))
    );
    let twice = r#"{"keys":[],"keys":[]}"#;
    assert_eq!(
        refusal(twice),
        Some(InvalidKeySet::Json(InvalidJson::DuplicateMember))
    );
    let cause = InvalidKey::NotAnObject;
    assert_eq!(
        refusal(r#"{"keys":[1]}"#),
        Some(InvalidKeySet::Key { index: 0, cause })
    );
    assert_eq!(
        refusal(&" ".repeat(256 * 1024 + 1)),
        Some(InvalidKeySet::TooLong)
    );
}

#[test]
fn a_key_is_inserted_once_and_found_by_its_name() {
    let mut keys = KeySet::new();
    let key_id = keys.insert_certifying(P256.public().clone()).unwrap();
    assert_eq!(key_id, KeyId::certifying(P256.public()));
    assert!(
        keys.insert(key_id.clone(), ED25519.public().clone())
            .is_err()
    );
    assert_eq!(keys.get(&key_id), Some(P256.public()));
    assert_eq!((keys.len(), keys.is_empty()), (1, false));
}

#[test]
fn a_certifying_name_is_the_digest_of_the_key() {
    let digest = ring::digest::digest(&ring::digest::SHA256, &P256.public().to_spki());
    let half = u128::from_be_bytes(digest.as_ref()[..16].try_into().unwrap());
    assert_eq!(
        KeyId::certifying(P256.public()).as_str(),
        format!("v1-{half:032x}-x509.pem")
    );
}

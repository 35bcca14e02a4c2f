//! Any octets as a JWK, a JWK set, a SubjectPublicKeyInfo and a PEM block.
//!
//! Holds: a key that is accepted comes back from each of its forms; a SubjectPublicKeyInfo has one
//! form; no private member passes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use strict_jws::{KeySet, PublicKey, Unsupported};

fuzz_target!(|data: &[u8]| {
    if let Ok(key) = PublicKey::from_jwk(data) {
        let members: Option<serde_json::Value> = serde_json::from_slice(data).ok();
        let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];
        let holds = |name: &&str| members.as_ref().is_some_and(|jwk| jwk.get(*name).is_some());
        assert!(!private.iter().any(holds), "a private key");
        comes_back(&key);
    }
    if let Ok(key) = PublicKey::from_spki(data) {
        assert_eq!(key.to_spki(), data, "two forms of one key");
        comes_back(&key);
    }
    if let Ok(set) = KeySet::from_jwks(data, Unsupported::Skip) {
        let again = KeySet::from_jwks(set.to_jwks().as_bytes(), Unsupported::Refuse);
        assert_eq!(again, Ok(set));
    }
    if let Some(key) = std::str::from_utf8(data)
        .ok()
        .and_then(|text| PublicKey::from_pem(text).ok())
    {
        comes_back(&key);
    }
});

fn comes_back(key: &PublicKey) {
    assert_eq!(
        PublicKey::from_jwk(key.to_jwk().as_bytes()).as_ref(),
        Ok(key)
    );
    assert_eq!(PublicKey::from_spki(&key.to_spki()).as_ref(), Ok(key));
    assert_eq!(PublicKey::from_pem(&key.to_pem()).as_ref(), Ok(key));
}

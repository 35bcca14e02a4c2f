//! Any text as a token, and any header and payload under a genuine signature.
//!
//! Holds: nothing without a genuine signature is accepted; under one, the payload comes back
//! unchanged, and the header said `alg`, `kid` and `typ` and nothing else.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use strict_jws::{Algorithm, KeySet, Policy, Signer, SigningKey, SystemRandom, base64};

const POLICY: Policy = Policy::typed("test+jwt");

static KEY: LazyLock<SigningKey> = LazyLock::new(new_key);

static TRUSTED: LazyLock<KeySet> = LazyLock::new(|| {
    let mut keys = KeySet::new();
    if let Ok(key_id) = "k".parse() {
        assert!(keys.insert(key_id, KEY.public().clone()).is_ok());
    }
    keys
});

fn new_key() -> SigningKey {
    let random = SystemRandom::new();
    SigningKey::generate_pem(Algorithm::EdDsa, &random)
        .and_then(|pem| SigningKey::from_pem(&pem, &random))
        .expect("the system has randomness")
}

fuzz_target!(|data: &[u8]| {
    assert!(TRUSTED.verify(data, &POLICY).is_err(), "a forgery");
    let Some((length, rest)) = data.split_first() else {
        return;
    };
    let (header, payload) = rest.split_at(rest.len().min(usize::from(*length)));
    let message = [header, payload].map(base64::encode).join(".");
    let Ok(signature) = KEY.sign(message.as_bytes(), &SystemRandom::new()) else {
        return;
    };
    let token = format!("{message}.{}", base64::encode(signature.as_ref()));
    if let Ok(verified) = TRUSTED.verify(&token, &POLICY) {
        assert_eq!(verified.payload(), payload);
        let expected = serde_json::json!({"alg": "EdDSA", "kid": "k", "typ": "test+jwt"});
        assert_eq!(
            serde_json::from_slice::<serde_json::Value>(header).ok(),
            Some(expected)
        );
    }
    let other = Signer::certifying(new_key()).sign(Some("test+jwt"), payload, &SystemRandom::new());
    assert!(other.is_ok_and(|token| TRUSTED.verify(&token, &POLICY).is_err()));
});

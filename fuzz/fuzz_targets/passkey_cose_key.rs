//! Any octets as a COSE key.
//!
//! Holds: a key that is accepted keeps its octets, comes back from JSON, and verifies no nonsense.
#![no_main]

use libfuzzer_sys::fuzz_target;
use passkey_idp::webauthn::CoseKey;

fuzz_target!(|data: &[u8]| {
    let Ok(key) = CoseKey::parse(data) else {
        return;
    };
    assert_eq!(key.octets(), data);
    let json = serde_json::to_string(&key).expect("it has a JSON form");
    let again: CoseKey = serde_json::from_str(&json).expect("it comes back");
    assert_eq!(again, key);
    assert!(!key.verifies(data, data), "nobody has signed this");
    assert!(!key.verifies(data, &[]), "nobody has signed this");
});

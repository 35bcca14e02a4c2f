//! Any text as a package of evidence.
//!
//! Holds: what verifies says again what it says when it is read, and one octet more or less is refused.
#![no_main]
#![expect(clippy::indexing_slicing, reason = "a target fails by panicking")]

use libfuzzer_sys::fuzz_target;
use passkey_idp::evidence::{Trust, verify};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(verified) = verify(text, &Trust::Embedded) else {
        return;
    };
    assert!(text.is_ascii(), "a package is ASCII");
    let json: serde_json::Value = serde_json::from_str(text).expect("a package is JSON");
    assert_eq!(json.to_string(), text, "a package has one form");
    let statement = serde_json::to_value(&verified.statement).expect("it has a JSON form");
    assert_eq!(statement["rp_id"], verified.statement.rp_id);
    assert!(verify(&format!("{text} "), &Trust::Embedded).is_err());
    assert!(verify(&text[..text.len() - 1], &Trust::Embedded).is_err());
});

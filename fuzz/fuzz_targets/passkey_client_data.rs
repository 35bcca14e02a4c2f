//! Any octets as client data.
//!
//! Holds: what is accepted is JSON for a lenient reader too, who finds the same type, challenge and
//! origin in it.
#![no_main]
#![expect(clippy::indexing_slicing, reason = "a target fails by panicking")]

use libfuzzer_sys::fuzz_target;
use passkey_idp::webauthn::{Ceremony, ClientData, Framing};
use strict_jws::base64;

fuzz_target!(|data: &[u8]| {
    let Ok(client) = ClientData::parse(data) else {
        return;
    };
    let json: serde_json::Value = serde_json::from_slice(data).expect("strict JSON is JSON");
    let ceremony = match client.ceremony {
        Ceremony::Registration => "webauthn.create",
        Ceremony::Assertion => "webauthn.get",
    };
    assert_eq!(json["type"], ceremony);
    assert_eq!(json["challenge"], base64::encode(&client.challenge));
    assert_eq!(json["origin"], client.origin);
    let framed = json["crossOrigin"] == true || json.get("topOrigin").is_some();
    assert_eq!(client.framing == Framing::CrossOrigin, framed);
});

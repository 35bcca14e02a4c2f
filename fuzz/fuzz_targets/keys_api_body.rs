//! Any body of the Keys API, in each of its three places.
//!
//! Holds: what is read was a JSON object, says what a lenient reader finds in it, and never holds
//! parameters beyond their bounds; a signature of one body verifies for that body only.
#![no_main]

use endorse::RequestParameters;
use endorse::keys_api::{KeyAnswer, KeyRequest, ProvisioningCall, Signed, sign};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let lenient: Option<Value> = match serde_json::from_slice(data) {
        // it has JSON's form, and says nothing that the lenient reader could hold
        Err(error) if error.to_string().starts_with("number out of range") => return,
        read => read.ok(),
    };
    let text = |name: &str| lenient.as_ref()?.get(name)?.as_str();
    if let Ok(request) = KeyRequest::read(data) {
        assert_eq!(text("imsi"), Some(request.imsi.as_str()));
        assert_eq!(request.resynchronisation.is_some(), text("auts").is_some());
    }
    if let Ok(answer) = KeyAnswer::read(data) {
        assert!((4..=16).contains(&answer.res().len()));
        assert!(text("res").is_some() != text("xres").is_some());
    }
    if let Ok(call) = ProvisioningCall::read(data) {
        assert_eq!(text("keyId"), Some(call.key_id()));
        let sizes = call
            .parameters()
            .iter()
            .map(|(name, value)| name.len() + value.len());
        assert!(sizes.sum::<usize>() <= RequestParameters::MAX_LEN);
    }
    let signature = sign(data, 1, &[1; 16]);
    let verifies = |body: &[u8], time: &str, ck: &[u8; 16]| {
        Signed::new(body, time, None, &signature).is_ok_and(|signed| signed.is_by(ck))
    };
    assert!(verifies(data, "1", &[1; 16]));
    assert!(!verifies(data, "2", &[1; 16]) && !verifies(data, "1", &[2; 16]));
    assert!(!verifies(&[data, b" "].concat(), "1", &[1; 16]));
});

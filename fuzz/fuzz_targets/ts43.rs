//! Any body of a phone, and any text as what it asks for.
//!
//! Holds: a packet comes back as it went; an identity that is read is the text's, in its own network;
//! a document with any token is JSON that holds it, and XML without a stray quote.
#![no_main]

use endorse::ts43::{Asked, Granted, packet, read_packet};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(eap) = read_packet(data) {
        assert_eq!(read_packet(packet(&eap).as_bytes()).as_ref(), Ok(&eap));
    }
    if data.len() <= 2048 {
        assert_eq!(read_packet(packet(data).as_bytes()).as_deref(), Ok(data));
    }
    if let Ok(asked) = Asked::from_json(data) {
        assert!(asked.apps().len() <= Asked::MAX_APPS);
    }
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Ok(asked) = Asked::collect([("EAP_ID", text)]) {
        let imsi = asked.imsi().map(endorse::Imsi::as_str).unwrap_or_default();
        assert!(text.starts_with(&format!("0{imsi}@")));
        let mcc = imsi.get(..3).unwrap_or_default();
        assert!(text.ends_with(&format!(".mcc{mcc}.3gppnetwork.org")));
    }
    let granted = Granted {
        token: text,
        validity: 300,
        temporary: None,
    };
    let json: serde_json::Value = serde_json::from_str(&granted.to_json()).unwrap_or_default();
    let told = json.get("Token").and_then(|token| token.get("token"));
    assert_eq!(told.and_then(|token| token.as_str()), Some(text));
    let quotes = granted.to_xml().matches('"').count();
    let empty = Granted {
        token: "",
        ..granted
    };
    assert_eq!(quotes, empty.to_xml().matches('"').count());
});

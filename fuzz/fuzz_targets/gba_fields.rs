//! Any text as a field of HTTP digest, or as the document that ends a bootstrapping.
//!
//! Holds: what is read is written, and read again as the same; a digest that the text brought
//! verifies under no password but one that would have made it.
#![no_main]

use std::fmt::Display;
use std::str::FromStr;

use aka::gba::BootstrappingInfo;
use aka::http_digest::{AuthenticationInfo, Challenge, Credentials, Password, Sent};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    round::<Challenge>(text);
    round::<AuthenticationInfo>(text);
    round::<BootstrappingInfo>(text);
    let Some(credentials) = round::<Credentials>(text) else {
        return;
    };
    let sent = Sent {
        method: "GET",
        body: b"",
    };
    let verified = [
        Password::empty(),
        Password::of_res(&aka::Res::from_f2([7; 8])),
    ]
    .map(|password| credentials.verify(&password, sent));
    assert_ne!(verified, [true, true], "one digest of two passwords");
});

/// Reads, writes and reads again.
fn round<T: Display + FromStr>(text: &str) -> Option<T> {
    let read = text.parse::<T>().ok()?;
    let written = read.to_string();
    let again = written.parse::<T>().ok();
    let again = again.expect("what was written is read");
    assert_eq!(again.to_string(), written);
    Some(again)
}

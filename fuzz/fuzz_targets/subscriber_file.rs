//! Any text as a subscribers' file: CSV, lines of `hlr_auc_gw`, documents of Open5GS, TOML.
//!
//! Holds: what is read can be written in each form that has place for everything, and is read
//! again as the same; without a word for it nobody gets XOR; no error repeats a key.
#![no_main]

use auc::{AlgorithmName, Subscribers, XorForTests, export::Format};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let read = match Subscribers::parse_with(text, XorForTests::DangerAllowed) {
        Ok(read) => read,
        Err(error) => return quotes_nothing(text, &error.to_string()),
    };
    let mut known = read.iter();
    let xor = known.any(|known| known.keys.algorithm() == AlgorithmName::Xor);
    assert_eq!(Subscribers::parse(text).is_err(), xor);
    for format in [Format::Csv, Format::Open5gs, Format::Toml] {
        if !read.is_empty() {
            again(&read, format);
        }
    }
});

fn again(read: &Subscribers, format: Format) {
    let mut text = format.begin().to_owned();
    for known in read.iter() {
        text.push_str(&format.line(known).expect("it has place for everything"));
    }
    let again = Subscribers::parse_with(&text, XorForTests::DangerAllowed);
    let again = again.expect("what was written is read");
    assert_eq!(again.len(), read.len());
    for known in read.iter() {
        let found = again.get(&known.imsi).expect("it was written");
        assert_eq!(format.line(found), format.line(known));
    }
}

/// Keys have 32 digits; errors name forms and columns.
fn quotes_nothing(text: &str, error: &str) {
    let long = |word: &&str| word.len() >= 16 && word.bytes().all(|c| c.is_ascii_hexdigit());
    let mut words = text.split(|c: char| !c.is_ascii_alphanumeric());
    assert!(!words.any(|word| long(&word) && error.contains(word)));
}

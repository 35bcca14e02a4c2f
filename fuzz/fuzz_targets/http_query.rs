//! Any text as the query of the compatible dialect.
//!
//! Holds: the first value of a key is the one that a plain reading of Python's `parse_qs` finds,
//! field by field and character by character; showing a query shows no value.
#![no_main]

use libfuzzer_sys::fuzz_target;
use query::Query;

// the parser alone: the server around it would bring the runtime and TLS along
#[path = "../../bins/usim-server/src/routes/compat/query.rs"]
mod query;

fuzz_target!(|text: &str| {
    let query = Query::parse(text);
    let shown = format!("{query:?}");
    for (key, _) in model(text) {
        let expected = model(text).find(|(name, _)| *name == key);
        let expected = expected.map(|(_, value)| value);
        assert_eq!(query.first(&key), expected.as_deref(), "{key}");
        assert!(shown.contains(&format!("{key:?}")), "{key}");
    }
    let shortest = format!("{:?}", model(text).map(|(key, _)| key).collect::<Vec<_>>());
    assert_eq!(shown, shortest, "more is shown than the keys");
});

/// The fields that count, decoded.
fn model(text: &str) -> impl Iterator<Item = (String, String)> {
    let fields = text.split('&').filter_map(|field| {
        let equals = field.find('=')?;
        let (key, value) = (field.get(..equals)?, field.get(equals + 1..)?);
        (!value.is_empty()).then(|| (decoded(key), decoded(value)))
    });
    fields.collect::<Vec<_>>().into_iter()
}

/// `+` is a blank; `%` with two digits behind it is an octet.
fn decoded(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut parts = text.split('%');
    let mut octets = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let digits = part
            .get(..2)
            .filter(|two| two.bytes().all(|c| c.is_ascii_hexdigit()));
        let octet = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        octets.push(octet.unwrap_or(b'%'));
        octets.extend(part.bytes().skip(if octet.is_some() { 2 } else { 0 }));
    }
    String::from_utf8_lossy(&octets).into_owned()
}

//! Any octets as JSON.
//!
//! Holds: what is accepted, serde_json accepts too and reads alike, member for member; hence no member
//! comes twice. Only numbers beyond a double are ours alone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use serde_json::Value as Theirs;
use strict_jws::json::{Bounds, Document, Kind, Value};

fuzz_target!(|data: &[u8]| {
    let Ok(document) = Document::parse(data, Bounds::PAYLOAD) else {
        return;
    };
    match serde_json::from_slice::<Theirs>(data) {
        Ok(theirs) => compare(document.root(), &theirs),
        Err(error) => assert!(error.to_string().contains("out of range"), "{error}"),
    }
});

fn compare(ours: Value<'_>, theirs: &Theirs) {
    match theirs {
        Theirs::Null => assert_eq!(ours.kind(), Kind::Null),
        Theirs::Bool(value) => assert_eq!(ours.boolean(), Some(*value)),
        Theirs::String(value) => assert_eq!(ours.string().as_deref(), Some(&**value)),
        Theirs::Number(value) => {
            assert_eq!(ours.kind(), Kind::Number);
            if let Some(integer) = ours.integer() {
                assert_eq!(value.as_u64(), Some(integer));
            }
        }
        Theirs::Array(values) => {
            let elements: Vec<_> = ours.elements().collect();
            assert_eq!(elements.len(), values.len());
            for (element, value) in elements.into_iter().zip(values) {
                compare(element, value);
            }
        }
        Theirs::Object(values) => {
            assert_eq!(ours.members().count(), values.len(), "a member comes twice");
            for (name, member) in ours.members() {
                let value = values.get(&*name);
                compare(member, value.unwrap_or(&Theirs::Null));
            }
        }
    }
}

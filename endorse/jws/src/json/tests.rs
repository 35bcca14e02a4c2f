use proptest::prelude::*;

use super::*;

fn parse(text: &str) -> Result<Document<'_>, InvalidJson> {
    Document::parse(text.as_bytes(), Bounds::PAYLOAD)
}

fn refusal(text: &str) -> InvalidJson {
    parse(text).expect_err(text)
}

#[test]
fn an_object_gives_its_members_in_order() {
    let document = parse(r#" {"a" : [1, {"b": "x"}, true] , "c":null, "d":{}} "#).unwrap();
    let root = document.root();
    let names: Vec<_> = root.members().map(|(name, _)| name).collect();
    assert_eq!(names, ["a", "c", "d"]);
    let kinds: Vec<_> = root
        .member("a")
        .unwrap()
        .elements()
        .map(|value| value.kind())
        .collect();
    assert_eq!(kinds, [Kind::Number, Kind::Object, Kind::Boolean]);
    let inner = root.member("a").unwrap().elements().nth(1).unwrap();
    assert_eq!(inner.member("b").unwrap().string().unwrap(), "x");
    assert_eq!(root.member("c").unwrap().kind(), Kind::Null);
    assert_eq!(root.member("d").unwrap().members().count(), 0);
    assert!(root.member("b").is_none());
}

#[test]
fn what_a_value_is_not_it_does_not_give() {
    let document = parse(r#"["1",1,true]"#).unwrap();
    let values: Vec<_> = document.root().elements().collect();
    let given: Vec<_> = values
        .iter()
        .map(|value| (value.string().is_some(), value.integer(), value.boolean()))
        .collect();
    assert_eq!(
        given,
        [
            (true, None, None),
            (false, Some(1), None),
            (false, None, Some(true))
        ]
    );
    assert_eq!(document.root().members().count(), 0);
}

#[test]
fn integers_are_those_from_0_to_2_to_the_53() {
    let integer = |text: &str| parse(text).unwrap().root().integer();
    assert_eq!(integer("0"), Some(0));
    assert_eq!(integer("9007199254740992"), Some(MAX_INTEGER));
    for other in [
        "9007199254740993",
        "-1",
        "-0",
        "1.0",
        "1e3",
        "1e400",
        "99999999999999999999",
    ] {
        assert_eq!(integer(other), None, "{other}");
    }
}

#[test]
fn numbers_are_written_as_json_writes_them() {
    for text in [
        "01", "1.", ".5", "+1", "1e", "1e+", "0x10", "--1", "-", "1a", "1.5.2",
    ] {
        let reason = refusal(text);
        let allowed = [
            InvalidJson::Number,
            InvalidJson::UnexpectedCharacter,
            InvalidJson::TrailingText,
        ];
        assert!(allowed.contains(&reason), "{text}: {reason}");
    }
    for text in ["NaN", "Infinity", "nul", "TRUE", "'a'", "undefined"] {
        assert_eq!(refusal(text), InvalidJson::UnexpectedCharacter, "{text}");
    }
}

#[test]
fn escapes_are_resolved() {
    let document = parse(r#""\"\\\/\b\f\n\r\tA\u00e9\ud83d\ude00""#).unwrap();
    assert_eq!(
        document.root().string().unwrap(),
        "\"\\/\u{8}\u{c}\n\r\tA\u{e9}\u{1f600}"
    );
}

#[test]
fn half_a_surrogate_pair_and_unknown_escapes_are_refused() {
    for text in [
        r#""\ud83d""#,
        r#""\ude00\ud83d""#,
        r#""\ud83dx""#,
        r#""\ud83dA""#,
        r#""\x41""#,
        r#""\u12g4""#,
        r#""\u12""#,
    ] {
        assert_eq!(refusal(text), InvalidJson::Escape, "{text}");
    }
}

#[test]
fn control_characters_must_be_escaped() {
    assert_eq!(refusal("\"a\nb\""), InvalidJson::ControlCharacter);
    assert_eq!(refusal("\"a\0b\""), InvalidJson::ControlCharacter);
}

#[test]
fn a_member_that_comes_twice_is_found_at_every_level_and_in_every_spelling() {
    for text in [
        r#"{"a":1,"a":1}"#,
        r#"{"a":1,"b":2,"\u0061":3}"#,
        r#"{"x":{"a":[{"b":1,"c":{},"b":2}]}}"#,
        r#"[{"":1,"":2}]"#,
    ] {
        assert_eq!(refusal(text), InvalidJson::DuplicateMember, "{text}");
    }
    assert!(parse(r#"{"a":{"a":1},"A":1,"b":[{"a":1},{"a":2}]}"#).is_ok());
}

#[test]
fn nesting_ends_at_the_bound() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert_eq!(parse(&nested(8)).unwrap().root().kind(), Kind::Array);
    assert_eq!(refusal(&nested(9)), InvalidJson::TooDeep);
    assert_eq!(refusal(&nested(5000)), InvalidJson::TooDeep);
    assert_eq!(refusal(&r#"{"a":"#.repeat(5000)), InvalidJson::TooDeep);
    let five = nested(5);
    let header = Document::parse(five.as_bytes(), Bounds::HEADER);
    assert_eq!(header.err(), Some(InvalidJson::TooDeep));
}

#[test]
fn members_and_values_are_counted() {
    let members = |count: usize| {
        let members: Vec<_> = (0..count).map(|index| format!("\"{index}\":0")).collect();
        format!("{{{}}}", members.join(","))
    };
    assert_eq!(parse(&members(64)).unwrap().root().members().count(), 64);
    assert_eq!(refusal(&members(65)), InvalidJson::TooManyValues);
    let elements = |count: usize| format!("[{}]", vec!["0"; count].join(","));
    assert_eq!(
        parse(&elements(1023)).unwrap().root().elements().count(),
        1023
    );
    assert_eq!(refusal(&elements(1024)), InvalidJson::TooManyValues);
}

#[test]
fn what_follows_the_value_is_refused() {
    for text in ["{}x", "{} {}", "1 1", "{}\0", "{},", "null\u{a0}"] {
        assert_eq!(refusal(text), InvalidJson::TrailingText, "{text}");
    }
}

#[test]
fn text_that_ends_too_early_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "[",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "[1,",
        "\"a",
        "\"\\",
        "{\"a\":1,",
    ] {
        assert_eq!(refusal(text), InvalidJson::UnexpectedEnd, "{text}");
    }
}

#[test]
fn punctuation_is_where_it_belongs() {
    for text in [
        "{a:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "[1 2]",
        "[1}",
        "{\"a\":1]",
        "[,]",
        "{,}",
        "[1,]",
        "{\"a\":1,}",
        "{1:2}",
        "/*x*/1",
    ] {
        assert_eq!(refusal(text), InvalidJson::UnexpectedCharacter, "{text}");
    }
}

#[test]
fn a_byte_order_mark_and_wrong_utf_8_are_refused() {
    let refusal = |octets: &[u8]| Document::parse(octets, Bounds::PAYLOAD).err();
    assert_eq!(refusal(b"\xef\xbb\xbf{}"), Some(InvalidJson::ByteOrderMark));
    for octets in [
        &b"\"\xff\""[..],
        b"\"\xc0\x80\"",
        b"\"\xed\xa0\x80\"",
        b"\xfe\xff\0{\0}",
    ] {
        assert_eq!(refusal(octets), Some(InvalidJson::NotUtf8), "{octets:?}");
    }
}

#[test]
fn an_object_writer_separates_and_escapes() {
    let mut object = ObjectWriter::new();
    object
        .string("a\"", "\\ \n\u{7f}é")
        .object("b", |_| {})
        .object("c", |inner| {
            inner.integer("d", 7).strings("e", ["f", "g"]);
        })
        .raw("h", "null");
    assert_eq!(
        object.finish(),
        "{\"a\\\"\":\"\\\\ \\u000a\u{7f}é\",\"b\":{},\"c\":{\"d\":7,\"e\":[\"f\",\"g\"]},\"h\":null}"
    );
}

proptest! {
    #[test]
    fn any_string_survives_writing_and_reading(name: String, value: String) {
        let mut object = ObjectWriter::new();
        object.string(&name, &value);
        let text = object.finish();
        let document = parse(&text).unwrap();
        let (read_name, read_value) = document.root().members().next().unwrap();
        prop_assert_eq!((&*read_name, &*read_value.string().unwrap()), (&*name, &*value));
    }

    #[test]
    fn whatever_is_accepted_serde_json_reads_alike(text in r#"[\[\]{}",:0-9a\\u. eE+-]{0,24}"#) {
        if let Ok(document) = parse(&text) {
            match serde_json::from_str::<serde_json::Value>(&text) {
                Ok(theirs) => {
                    let members = theirs.as_object().map_or(0, serde_json::Map::len);
                    prop_assert_eq!(document.root().members().count(), members);
                    let string = document.root().string();
                    prop_assert_eq!(string.as_deref(), theirs.as_str());
                }
                // It keeps no number beyond a double's range.
                Err(error) => prop_assert!(error.to_string().contains("out of range"), "{error}"),
            }
        }
    }
}

//! Headers.

use strict_jws::Refusal::{
    ForbiddenMember, HeaderJson, HeaderNotAnObject, InvalidKeyId, MissingMember, TooLong,
    UnknownKey, UnknownMember, UnsupportedAlgorithm, WrongType,
};
use strict_jws::json::InvalidJson::{
    ByteOrderMark, DuplicateMember, NotUtf8, TooDeep, TrailingText,
};

use crate::forge::{NATIVE, SORACOM, refused};

const UNKNOWN: &str = r#""v1-00000000000000000000000000000000-x509.pem""#;

refused! {
    alg_none: |forge| forge.header("alg", r#""none""#) => UnsupportedAlgorithm;
    alg_none_capitalised: |forge| forge.header("alg", r#""None""#) => UnsupportedAlgorithm;
    alg_none_in_capitals: |forge| forge.header("alg", r#""NONE""#) => UnsupportedAlgorithm;
    alg_none_in_mixed_case: |forge| forge.header("alg", r#""nOnE""#) => UnsupportedAlgorithm;
    alg_none_unsigned: |forge| forge.with_signature(&forge.header_members(&[("alg", r#""none""#)]), &[]) => UnsupportedAlgorithm;
    alg_none_capitalised_unsigned: |forge| forge.with_signature(&forge.header_members(&[("alg", r#""None""#)]), &[]) => UnsupportedAlgorithm;
    alg_empty: |forge| forge.header("alg", r#""""#) => UnsupportedAlgorithm;
    alg_missing: |forge| forge.header_without("alg") => MissingMember("alg");
    alg_null: |forge| forge.header("alg", "null") => WrongType("alg");
    alg_array: |forge| forge.header("alg", r#"["RS256","ES256"]"#) => WrongType("alg");
    alg_number: |forge| forge.header("alg", "256") => WrongType("alg");
    alg_in_lower_case: |forge| forge.header("alg", &format!("{:?}", forge.alg.to_lowercase())) => UnsupportedAlgorithm;
    alg_hs256: |forge| forge.header("alg", r#""HS256""#) => UnsupportedAlgorithm;
    alg_es384: |forge| forge.header("alg", r#""ES384""#) => UnsupportedAlgorithm;

    kid_missing: |forge| forge.header_without("kid") => MissingMember("kid");
    kid_null: |forge| forge.header("kid", "null") => WrongType("kid");
    kid_number: |forge| forge.header("kid", "1") => WrongType("kid");
    kid_empty: |forge| forge.header("kid", r#""""#) => InvalidKeyId;
    kid_traversal: |forge| forge.header("kid", r#""../../../../dev/null""#) => InvalidKeyId;
    kid_absolute_path: |forge| forge.header("kid", r#""/dev/null""#) => InvalidKeyId;
    kid_url: |forge| forge.header("kid", r#""https://attacker.example/key.pem""#) => InvalidKeyId;
    kid_sql: |forge| forge.header("kid", r#""x' UNION SELECT 'key' --""#) => InvalidKeyId;
    kid_nul: |forge| forge.header("kid", &format!("\"{}\\u0000\"", forge.kid)) => InvalidKeyId;
    kid_of_8_kib: |forge| forge.header("kid", &format!("\"{}\"", "k".repeat(8192))) => TooLong { limit: 8192 };
    kid_of_129_characters: |forge| forge.header("kid", &format!("\"{}\"", "k".repeat(129))) => InvalidKeyId;
    kid_unknown: |forge| forge.header("kid", UNKNOWN) => UnknownKey;

    crit_unknown: |forge| forge.header("crit", r#"["x"]"#) => ForbiddenMember("crit");
    crit_empty: |forge| forge.header("crit", "[]") => ForbiddenMember("crit");
    crit_string: |forge| forge.header("crit", r#""alg""#) => ForbiddenMember("crit");
    crit_registered: |forge| forge.header("crit", r#"["alg","kid"]"#) => ForbiddenMember("crit");
    crit_null: |forge| forge.header("crit", "null") => ForbiddenMember("crit");
    b64_false: |forge| forge.header("b64", "false") => ForbiddenMember("b64");
    b64_true: |forge| forge.header("b64", "true") => ForbiddenMember("b64");
    zip: |forge| forge.header("zip", r#""DEF""#) => ForbiddenMember("zip");
    cty: |forge| forge.header("cty", r#""JWT""#) => ForbiddenMember("cty");
    embedded_jwk: |forge| forge.header("jwk", &forge.key.public().to_jwk()) => ForbiddenMember("jwk");
    jku: |forge| forge.header("jku", r#""https://attacker.example/jwks""#) => ForbiddenMember("jku");
    x5u: |forge| forge.header("x5u", r#""https://attacker.example/cert""#) => ForbiddenMember("x5u");
    x5c: |forge| forge.header("x5c", r#"["MIIB"]"#) => ForbiddenMember("x5c");
    x5t: |forge| forge.header("x5t", r#""AA""#) => ForbiddenMember("x5t");
    unknown_member: |forge| forge.header("x", "1") => UnknownMember;

    alg_twice: |forge| forge.whole_header(forge.good_header().replacen('{', r#"{"alg":"none","#, 1)) => HeaderJson(DuplicateMember);
    kid_twice_once_escaped: |forge| forge.whole_header(forge.good_header().replacen('{', r#"{"\u006bid":"x","#, 1)) => HeaderJson(DuplicateMember);
    byte_order_mark: |forge| forge.whole_header(format!("\u{feff}{}", forge.good_header())) => HeaderJson(ByteOrderMark);
    invalid_utf_8: |forge| forge.whole_header(b"{\"alg\":\"\xc3\x28\"}") => HeaderJson(NotUtf8);
    trailing_garbage: |forge| forge.whole_header(forge.good_header() + "{}") => HeaderJson(TrailingText);
    nested_5000_deep: |forge| forge.header("x", &"[".repeat(5000)) => HeaderJson(TooDeep);
    of_64_kib: |forge| forge.header("x", &format!("\"{}\"", "x".repeat(65536))) => TooLong { limit: 8192 };
    array: |forge| forge.whole_header("[]") => HeaderNotAnObject;
}

#[test]
fn a_native_token_has_its_typ() {
    let refused = Some(endorse::Refusal::from(strict_jws::Refusal::UnexpectedTyp));
    for typ in [
        r#""JWT""#,
        r#""at+jwt""#,
        r#""dpop+jwt""#,
        r#""""#,
        r#""ENDORSE+JWT""#,
    ] {
        assert_eq!(
            NATIVE.verify(NATIVE.header("typ", typ)).err(),
            refused,
            "{typ}"
        );
    }
    assert_eq!(NATIVE.verify(NATIVE.header_without("typ")).err(), refused);
}

#[test]
fn a_soracom_token_has_no_typ() {
    let refused = Some(endorse::Refusal::from(strict_jws::Refusal::UnexpectedTyp));
    for typ in [r#""JWT""#, r#""endorse+jwt""#, r#""at+jwt""#] {
        assert_eq!(
            SORACOM.verify(SORACOM.header("typ", typ)).err(),
            refused,
            "{typ}"
        );
    }
}

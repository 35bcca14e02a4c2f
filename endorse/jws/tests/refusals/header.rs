//! Headers: validly signed, and refused all the same.

use strict_jws::Refusal::{
    AlgorithmMismatch, Base64, ForbiddenMember, HeaderJson, HeaderNotAnObject, InvalidKeyId,
    MissingMember, UnexpectedTyp, UnknownKey, UnknownMember, UnsupportedAlgorithm, WrongType,
};
use strict_jws::base64::InvalidBase64;
use strict_jws::json::InvalidJson::{
    ByteOrderMark, DuplicateMember, NotUtf8, TooDeep, TrailingText, UnexpectedCharacter,
    UnexpectedEnd,
};
use strict_jws::{Algorithm, Part, Refusal};

use crate::forge::{
    ED25519, P256, RSA, public_keys, refused, signed, verify, with_header, with_signature,
};

/// A header with this `alg`, as JSON.
fn alg(value: &str) -> String {
    with_header(format!(
        r#"{{"alg":{value},"kid":"ES256","typ":"test+jwt"}}"#
    ))
}

/// A header with this `kid`, as JSON.
fn kid(value: &str) -> String {
    with_header(format!(
        r#"{{"alg":"ES256","kid":{value},"typ":"test+jwt"}}"#
    ))
}

/// A header with one more member.
fn and(member: &str) -> String {
    with_header(format!(
        r#"{{"alg":"ES256","kid":"ES256","typ":"test+jwt",{member}}}"#
    ))
}

fn typ(value: &str) -> String {
    with_header(format!(r#"{{"alg":"ES256","kid":"ES256","typ":{value}}}"#))
}

fn unsigned(alg: &str) -> String {
    let header = format!(r#"{{"alg":"{alg}","kid":"ES256","typ":"test+jwt"}}"#);
    with_signature(header, b"{}", |_| Vec::new())
}

refused! {
    alg_none: unsigned("none") => UnsupportedAlgorithm;
    alg_none_capitalised: unsigned("None") => UnsupportedAlgorithm;
    alg_none_in_capitals: unsigned("NONE") => UnsupportedAlgorithm;
    alg_none_in_mixed_case: unsigned("nOnE") => UnsupportedAlgorithm;
    alg_none_with_a_space: unsigned("none ") => UnsupportedAlgorithm;
    alg_none_with_a_signature: alg(r#""none""#) => UnsupportedAlgorithm;
    alg_empty: alg(r#""""#) => UnsupportedAlgorithm;
    alg_missing: with_header(r#"{"kid":"ES256","typ":"test+jwt"}"#) => MissingMember("alg");
    alg_null: alg("null") => WrongType("alg");
    alg_array: alg(r#"["ES256"]"#) => WrongType("alg");
    alg_object: alg("{}") => WrongType("alg");
    alg_number: alg("256") => WrongType("alg");
    alg_in_lower_case: alg(r#""es256""#) => UnsupportedAlgorithm;
    alg_with_a_nul: alg(r#""ES256\u0000""#) => UnsupportedAlgorithm;
    alg_es384: alg(r#""ES384""#) => UnsupportedAlgorithm;
    alg_es256k: alg(r#""ES256K""#) => UnsupportedAlgorithm;
    alg_of_another_key: signed(&P256, r#"{"alg":"ES256","kid":"RS256","typ":"test+jwt"}"#, b"{}")
        => AlgorithmMismatch { header: Algorithm::Es256, key: Algorithm::Rs256 };
    alg_rs256_on_a_p256_key: signed(&RSA, r#"{"alg":"RS256","kid":"ES256","typ":"test+jwt"}"#, b"{}")
        => AlgorithmMismatch { header: Algorithm::Rs256, key: Algorithm::Es256 };
    alg_eddsa_on_a_p256_key: signed(&ED25519, r#"{"alg":"EdDSA","kid":"ES256","typ":"test+jwt"}"#, b"{}")
        => AlgorithmMismatch { header: Algorithm::EdDsa, key: Algorithm::Es256 };

    kid_missing: with_header(r#"{"alg":"ES256","typ":"test+jwt"}"#) => MissingMember("kid");
    kid_null: kid("null") => WrongType("kid");
    kid_number: kid("1") => WrongType("kid");
    kid_empty: kid(r#""""#) => InvalidKeyId;
    kid_path: kid(r#""../../etc/passwd""#) => InvalidKeyId;
    kid_parent: kid(r#""..""#) => InvalidKeyId;
    kid_device: kid(r#""/dev/null""#) => InvalidKeyId;
    kid_url: kid(r#""https://attacker.example/key""#) => InvalidKeyId;
    kid_sql: kid(r#""' OR 1=1 --""#) => InvalidKeyId;
    kid_nul: kid(r#""ES256\u0000""#) => InvalidKeyId;
    kid_newline: kid(r#""ES256\n""#) => InvalidKeyId;
    kid_of_4_kib: kid(&format!("\"{}\"", "k".repeat(4096))) => InvalidKeyId;
    kid_of_8_kib: kid(&format!("\"{}\"", "k".repeat(8192))) => Refusal::TooLong { limit: 8192 };
    kid_in_full_width_letters: kid("\"\u{ff25}S256\"") => InvalidKeyId;
    kid_in_another_case: kid(r#""es256""#) => UnknownKey;
    kid_unknown: kid(r#""ES257""#) => UnknownKey;

    typ_missing: with_header(r#"{"alg":"ES256","kid":"ES256"}"#) => UnexpectedTyp;
    typ_jwt: typ(r#""JWT""#) => UnexpectedTyp;
    typ_foreign: typ(r#""at+jwt""#) => UnexpectedTyp;
    typ_in_capitals: typ(r#""TEST+JWT""#) => UnexpectedTyp;
    typ_with_the_application_prefix: typ(r#""application/test+jwt""#) => UnexpectedTyp;
    typ_empty: typ(r#""""#) => UnexpectedTyp;
    typ_null: typ("null") => WrongType("typ");
    typ_array: typ(r#"["test+jwt"]"#) => WrongType("typ");

    crit_unknown: and(r#""crit":["x"],"x":1"#) => ForbiddenMember("crit");
    crit_empty: and(r#""crit":[]"#) => ForbiddenMember("crit");
    crit_string: and(r#""crit":"exp""#) => ForbiddenMember("crit");
    crit_registered: and(r#""crit":["alg"]"#) => ForbiddenMember("crit");
    crit_null: and(r#""crit":null"#) => ForbiddenMember("crit");
    crit_b64: and(r#""crit":["b64"],"b64":true"#) => ForbiddenMember("crit");
    crit_escaped: and(r#""\u0063rit":["x"]"#) => ForbiddenMember("crit");
    b64_false: and(r#""b64":false"#) => ForbiddenMember("b64");
    b64_true: and(r#""b64":true"#) => ForbiddenMember("b64");
    zip: and(r#""zip":"DEF""#) => ForbiddenMember("zip");
    enc: and(r#""enc":"A128GCM""#) => ForbiddenMember("enc");
    cty_jwt: and(r#""cty":"JWT""#) => ForbiddenMember("cty");
    embedded_jwk: and(&format!(r#""jwk":{}"#, P256.public().to_jwk())) => ForbiddenMember("jwk");
    jku: and(r#""jku":"https://attacker.example/jwks.json""#) => ForbiddenMember("jku");
    x5u: and(r#""x5u":"https://attacker.example/cert.pem""#) => ForbiddenMember("x5u");
    x5c: and(r#""x5c":["MIIB"]"#) => ForbiddenMember("x5c");
    x5t: and(r#""x5t":"AA""#) => ForbiddenMember("x5t");
    x5t_s256: and(r#""x5t#S256":"AA""#) => ForbiddenMember("x5t#S256");
    another_member: and(r#""foo":1"#) => UnknownMember;
    alg_in_capitals_as_a_member: and(r#""ALG":"none""#) => UnknownMember;

    header_with_alg_twice: and(r#""alg":"none""#) => HeaderJson(DuplicateMember);
    header_with_alg_twice_once_escaped: and(r#""\u0061lg":"none""#) => HeaderJson(DuplicateMember);
    header_with_kid_twice: and(r#""kid":"ES256""#) => HeaderJson(DuplicateMember);
    header_with_a_byte_order_mark: with_header("\u{feff}{}") => HeaderJson(ByteOrderMark);
    header_that_is_not_utf_8: with_header(b"{\"alg\":\"\xff\"}") => HeaderJson(NotUtf8);
    header_with_something_behind: with_header("{\"alg\":\"ES256\"}x") => HeaderJson(TrailingText);
    header_nested_5000_deep: with_header("[".repeat(5000)) => HeaderJson(TooDeep);
    header_nested_5_deep: and(r#""x":[[[[]]]]"#) => HeaderJson(TooDeep);
    header_of_64_kib: and(&format!(r#""x":"{}""#, "x".repeat(65536))) => Refusal::TooLong { limit: 8192 };
    header_that_is_an_array: with_header("[]") => HeaderNotAnObject;
    header_that_is_a_string: with_header(r#""ES256""#) => HeaderNotAnObject;
    header_that_is_null: with_header("null") => HeaderNotAnObject;
    header_without_members: with_header("{}") => MissingMember("alg");
    header_that_is_empty: with_header("") => HeaderJson(UnexpectedEnd);
    header_with_a_comment: with_header("{/*x*/}") => HeaderJson(UnexpectedCharacter);
    header_with_single_quotes: with_header("{'alg':'ES256'}") => HeaderJson(UnexpectedCharacter);
    header_in_standard_base64: with_header(r#"{"alg":"ES256","kid":"ES256","typ":"~~~???"}"#)
        .replace('_', "/").replace("fn5-", "fn5+") => Base64(Part::Header, InvalidBase64::Symbol);
}

/// The confusion of a public key with an HMAC secret.
fn hmac(kid: &str, secret: &[u8]) -> String {
    let header = format!(r#"{{"alg":"HS256","kid":"{kid}","typ":"test+jwt"}}"#);
    with_signature(header, b"{}", |message| {
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        ring::hmac::sign(&key, message).as_ref().to_vec()
    })
}

#[test]
fn hmac_with_a_public_key_in_five_encodings() {
    for key in public_keys() {
        let pem = key.to_pem();
        let spki = key.to_spki();
        let raw = &spki[spki.len() - 32..];
        let jwk = key.to_jwk();
        for secret in [
            pem.as_bytes(),
            pem.trim().as_bytes(),
            &spki,
            raw,
            jwk.as_bytes(),
        ] {
            let token = hmac(key.algorithm().name(), secret);
            assert_eq!(verify(token).err(), Some(UnsupportedAlgorithm));
        }
    }
}

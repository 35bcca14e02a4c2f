//! Who, for whom, about whom, and the SIM.

use endorse::Refusal::{InvalidClaim, MissingClaim, WrongAudience, WrongIssuer, WrongType};

use crate::forge::{Forge, NATIVE, SORACOM, refused};

/// A claim's genuine value with a change inside its quotes.
fn altered(forge: &Forge, name: &str, change: impl FnOnce(&str) -> String) -> String {
    let payload = forge.good_payload();
    let start = payload.find(&format!("\"{name}\":\"")).unwrap() + name.len() + 4;
    let end = start + payload[start..].find('"').unwrap();
    forge.claim(name, &format!("\"{}\"", change(&payload[start..end])))
}

fn array(forge: &Forge, name: &str) -> String {
    let payload = forge.good_payload();
    let start = payload.find(&format!("\"{name}\":\"")).unwrap() + name.len() + 3;
    let end = start + 1 + payload[start + 1..].find('"').unwrap() + 1;
    forge.claim(name, &format!("[{}]", &payload[start..end]))
}

refused! {
    iss_missing: |forge| forge.without("iss") => MissingClaim("iss");
    iss_null: |forge| forge.claim("iss", "null") => WrongType("iss");
    iss_array: |forge| array(forge, "iss") => WrongType("iss");
    iss_empty: |forge| forge.claim("iss", r#""""#) => WrongIssuer;
    iss_other: |forge| forge.claim("iss", r#""https://attacker.example""#) => WrongIssuer;
    iss_prefix: |forge| altered(forge, "iss", |iss| iss[..iss.len() - 1].to_owned()) => WrongIssuer;
    iss_with_a_slash: |forge| altered(forge, "iss", |iss| format!("{iss}/")) => WrongIssuer;
    iss_in_capitals: |forge| altered(forge, "iss", str::to_uppercase) => WrongIssuer;
    iss_with_a_space: |forge| altered(forge, "iss", |iss| format!("{iss} ")) => WrongIssuer;

    aud_missing: |forge| forge.without("aud") => MissingClaim("aud");
    aud_null: |forge| forge.claim("aud", "null") => WrongType("aud");
    aud_array_of_one: |forge| array(forge, "aud") => WrongType("aud");
    aud_empty_array: |forge| forge.claim("aud", "[]") => WrongType("aud");
    aud_empty: |forge| forge.claim("aud", r#""""#) => WrongAudience;
    aud_other: |forge| forge.claim("aud", r#""https://other.example""#) => WrongAudience;
    aud_prefix: |forge| altered(forge, "aud", |aud| aud[..aud.len() - 1].to_owned()) => WrongAudience;
    aud_with_more: |forge| altered(forge, "aud", |aud| format!("{aud}.attacker.example")) => WrongAudience;

    sub_missing: |forge| forge.without("sub") => MissingClaim("sub");
    sub_null: |forge| forge.claim("sub", "null") => WrongType("sub");
    sub_number: |forge| forge.claim("sub", "1") => WrongType("sub");
    sub_array: |forge| array(forge, "sub") => WrongType("sub");
    sub_empty: |forge| forge.claim("sub", r#""""#) => InvalidClaim("sub");

    jti_missing: |forge| forge.without("jti") => MissingClaim("jti");
    jti_number: |forge| forge.claim("jti", "1") => WrongType("jti");
    jti_empty: |forge| forge.claim("jti", r#""""#) => InvalidClaim("jti");
    jti_short: |forge| forge.claim("jti", r#""AAAAAAAAAAAAAAAAAAAAA""#) => InvalidClaim("jti");
    jti_with_a_space: |forge| forge.claim("jti", r#""AAAAAAAAAA AAAAAAAAAAA""#) => InvalidClaim("jti");

    sim_missing: |forge| forge.without(forge.sim_claim) => MissingClaim(forge.sim_claim);
    sim_string: |forge| forge.claim(forge.sim_claim, r#""001010000000001""#) => WrongType(forge.sim_claim);
    sim_null: |forge| forge.claim(forge.sim_claim, "null") => WrongType(forge.sim_claim);
    sim_array: |forge| forge.claim(forge.sim_claim, "[]") => WrongType(forge.sim_claim);
    imsi_number: |forge| forge.sim("imsi", "1010000000001") => WrongType("imsi");
    imsi_null: |forge| forge.sim("imsi", "null") => WrongType("imsi");
    imsi_empty: |forge| forge.sim("imsi", r#""""#) => InvalidClaim("imsi");
    imsi_of_5_digits: |forge| forge.sim("imsi", r#""00101""#) => InvalidClaim("imsi");
    imsi_of_16_digits: |forge| forge.sim("imsi", r#""0010100000000012""#) => InvalidClaim("imsi");
    imsi_with_a_letter: |forge| forge.sim("imsi", r#""00101000000000a""#) => InvalidClaim("imsi");
    imsi_with_a_space: |forge| forge.sim("imsi", r#""001010000000001 ""#) => InvalidClaim("imsi");
    imsi_in_full_width_digits: |forge| forge.sim("imsi", "\"\u{ff10}\u{ff10}\u{ff11}\u{ff10}\u{ff11}\u{ff10}\"") => InvalidClaim("imsi");
    imei_of_13_digits: |forge| forge.sim("imei", r#""4901542032375""#) => InvalidClaim("imei");
    imei_of_17_digits: |forge| forge.sim("imei", r#""49015420323751801""#) => InvalidClaim("imei");
    imei_number: |forge| forge.sim("imei", "490154203237518") => WrongType("imei");
    msisdn_with_hyphens: |forge| forge.sim("msisdn", r#""81-90-1234-5678""#) => InvalidClaim("msisdn");
    msisdn_of_16_digits: |forge| forge.sim("msisdn", r#""8190123456789012""#) => InvalidClaim("msisdn");
    sim_id_with_a_slash: |forge| forge.sim("simId", r#""a/b""#) => InvalidClaim("simId");
    method_unknown: |forge| forge.sim("method", r#""password""#) => InvalidClaim("method");
    parameters_array: |forge| forge.sim("requestParameters", "[]") => WrongType("requestParameters");
    parameter_number: |forge| forge.sim("requestParameters", r#"{"a":1}"#) => WrongType("requestParameters");
    parameter_object: |forge| forge.sim("requestParameters", r#"{"a":{}}"#) => WrongType("requestParameters");
    parameters_above_4_kib: |forge| {
        forge.sim("requestParameters", &format!(r#"{{"a":"{}"}}"#, "x".repeat(4096)))
    } => InvalidClaim("requestParameters");

    nonce_number: |forge| forge.claim("nonce", "1") => WrongType("nonce");
    amr_string: |forge| forge.claim("amr", r#""sim""#) => WrongType("amr");
    amr_of_numbers: |forge| forge.claim("amr", "[1]") => WrongType("amr");
    cnf_without_jkt: |forge| forge.claim("cnf", r#"{"jwk":{}}"#) => MissingClaim("jkt");
    cnf_string: |forge| forge.claim("cnf", r#""x""#) => MissingClaim("jkt");
    cnf_with_a_short_jkt: |forge| forge.claim("cnf", r#"{"jkt":"AA"}"#) => InvalidClaim("jkt");
    status_of_another_kind: |forge| forge.claim("status", r#"{"x":{}}"#) => MissingClaim("status_list");
    status_with_a_negative_index: |forge| forge.claim("status", r#"{"status_list":{"idx":-1,"uri":"x"}}"#) => WrongType("idx");
}

#[test]
fn an_imsi_of_14_digits_is_native_only() {
    let imsi = r#""00101000000001""#;
    assert!(NATIVE.verify(NATIVE.sim("imsi", imsi)).is_ok());
    assert_eq!(
        SORACOM.verify(SORACOM.sim("imsi", imsi)).err(),
        Some(InvalidClaim("imsi"))
    );
}

//! The form of the text.

use strict_jws::Refusal::{Base64, Empty, NotAscii, Parts, TooLong};
use strict_jws::base64::InvalidBase64::{Length, Symbol, TrailingBits};
use strict_jws::{Part, Policy, Refusal};

use crate::forge::{P256, RSA, TRUSTED, TYP, good, header, refused, signed, verify};

/// A good token, changed.
fn changed(change: impl FnOnce(&str) -> String) -> String {
    change(&good(&P256))
}

/// A good token with one part replaced.
fn with_part(index: usize, change: impl FnOnce(&str) -> String) -> String {
    let token = good(&P256);
    let mut parts: Vec<String> = token.split('.').map(str::to_owned).collect();
    parts[index] = change(&parts[index]);
    parts.join(".")
}

refused! {
    nothing: "" => Empty;
    a_space: " " => Parts;
    two_dots_only: ".." => Refusal::HeaderJson(strict_jws::json::InvalidJson::UnexpectedEnd);
    two_parts: changed(|token| token.rsplit_once('.').unwrap().0.to_owned()) => Parts;
    four_parts: changed(|token| format!("{token}.AA")) => Parts;
    five_parts: changed(|token| format!("{token}.AA.AA")) => Parts;
    a_trailing_dot: changed(|token| format!("{token}.")) => Parts;
    a_json_serialisation: r#"{"payload":"e30","protected":"e30","signature":"AA"}"# => Parts;
    the_word_bearer: changed(|token| format!("Bearer {token}")) => Base64(Part::Header, Symbol);
    a_leading_space: changed(|token| format!(" {token}")) => Base64(Part::Header, Symbol);
    a_trailing_space: changed(|token| format!("{token} ")) => Base64(Part::Signature, Symbol);
    a_trailing_newline: changed(|token| format!("{token}\n")) => Base64(Part::Signature, Symbol);
    a_trailing_nul: changed(|token| format!("{token}\0")) => Base64(Part::Signature, Symbol);
    a_newline_inside: with_part(1, |payload| format!("{}\n{}", &payload[..2], &payload[2..])) => Base64(Part::Payload, Symbol);
    a_full_width_dot: changed(|token| token.replacen('.', "\u{ff0e}", 1)) => NotAscii;
    a_token_in_quotes: changed(|token| format!("\"{token}\"")) => Base64(Part::Header, Symbol);
    padding_after_the_header: with_part(0, |part| format!("{part}=")) => Base64(Part::Header, Symbol);
    padding_after_the_payload: with_part(1, |part| format!("{part}==")) => Base64(Part::Payload, Symbol);
    padding_after_the_signature: with_part(2, |part| format!("{part}==")) => Base64(Part::Signature, Symbol);
    padding_written_as_percent: with_part(2, |part| format!("{part}%3D")) => Base64(Part::Signature, Symbol);
    a_payload_in_the_standard_alphabet: with_part(1, |_| "+/8".to_owned()) => Base64(Part::Payload, Symbol);
    a_symbol_too_few_in_the_signature: with_part(2, |part| part[..85].to_owned()) => Base64(Part::Signature, Length);
    a_symbol_too_many_in_the_payload: with_part(1, |_| "e30AA".to_owned()) => Base64(Part::Payload, Length);
    unused_bits_in_the_payload: with_part(1, |_| "e31".to_owned()) => Base64(Part::Payload, TrailingBits);
    unused_bits_in_the_signature: with_part(2, next_symbol) => Base64(Part::Signature, TrailingBits);
    a_payload_of_1_mib: signed(&P256, header(P256.algorithm()), &vec![b' '; 1 << 20]) => TooLong { limit: 8192 };
    an_empty_payload_instead: with_part(1, |_| String::new()) => Refusal::Signature;
    another_payload: with_part(1, |_| "e30".to_owned()) => Refusal::Signature;
}

/// The signature's last symbol carries two unused bits of four: this sets the lowest.
fn next_symbol(part: &str) -> String {
    let (rest, last) = part.split_at(part.len() - 1);
    let last = match last {
        "A" => 'B',
        "Q" => 'R',
        "g" => 'h',
        "w" => 'x',
        _ => unreachable!("64 octets end with four bits"),
    };
    format!("{rest}{last}")
}

#[test]
fn a_token_as_long_as_allowed_is_accepted_and_one_octet_more_is_not() {
    let token = good(&RSA);
    let verify = |limit| TRUSTED.verify(&token, &Policy::typed(TYP).with_max_len(limit));
    assert!(verify(token.len()).is_ok());
    let limit = token.len() - 1;
    assert_eq!(verify(limit).err(), Some(TooLong { limit }));
}

#[test]
fn an_empty_payload_that_is_signed_is_a_payload() {
    let token = signed(&P256, header(P256.algorithm()), b"");
    assert_eq!(verify(token).unwrap().payload(), b"");
}

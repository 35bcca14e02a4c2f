//! The form of the text.

use strict_jws::Part::{Header, Payload, Signature};
use strict_jws::Refusal::{Base64, Empty, NotAscii, Parts, TooLong};
use strict_jws::base64::InvalidBase64::{Length, Symbol, TrailingBits};

use crate::forge::{Forge, refused};

fn part(forge: &Forge, index: usize, change: impl FnOnce(&str) -> String) -> String {
    let good = forge.good();
    let mut parts: Vec<String> = good.split('.').map(str::to_owned).collect();
    parts[index] = change(&parts[index]);
    parts.join(".")
}

refused! {
    nothing: |_forge| "" => Empty;
    one_part: |_forge| "token" => Parts;
    two_parts: |forge| forge.good().rsplit_once('.').unwrap().0 => Parts;
    four_parts: |forge| forge.good() + ".AA" => Parts;
    five_parts: |forge| forge.good() + ".AA.AA" => Parts;
    a_json_serialisation: |_forge| r#"{"payload":"e30","signatures":[]}"# => Parts;
    bearer_inside: |forge| format!("Bearer {}", forge.good()) => Base64(Header, Symbol);
    white_space_before: |forge| format!(" {}", forge.good()) => Base64(Header, Symbol);
    white_space_behind: |forge| forge.good() + " " => Base64(Signature, Symbol);
    a_newline_behind: |forge| forge.good() + "\n" => Base64(Signature, Symbol);
    a_newline_inside: |forge| part(forge, 1, |part| format!("{}\n{}", &part[..4], &part[4..])) => Base64(Payload, Symbol);
    a_nul_behind: |forge| forge.good() + "\0" => Base64(Signature, Symbol);
    a_dot_outside_ascii: |forge| forge.good().replacen('.', "\u{3002}", 1) => NotAscii;
    padding_in_the_header: |forge| part(forge, 0, |part| format!("{part}=")) => Base64(Header, Symbol);
    padding_in_the_payload: |forge| part(forge, 1, |part| format!("{part}==")) => Base64(Payload, Symbol);
    padding_in_the_signature: |forge| part(forge, 2, |part| format!("{part}==")) => Base64(Signature, Symbol);
    the_standard_alphabet: |forge| part(forge, 2, |part| format!("+/+/{}", &part[4..])) => Base64(Signature, Symbol);
    trailing_bits_in_the_signature: |forge| part(forge, 2, |part| format!("{}B", &part[..part.len() - 1])) => Base64(Signature, TrailingBits);
    trailing_bits_in_the_payload: |forge| part(forge, 1, |_| "e31".to_owned()) => Base64(Payload, TrailingBits);
    an_impossible_length: |forge| part(forge, 1, |_| "e30AA".to_owned()) => Base64(Payload, Length);
    a_payload_of_1_mib: |forge| forge.payload(vec![b' '; 1 << 20]) => TooLong { limit: 8192 };
}

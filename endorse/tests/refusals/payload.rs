//! Payloads under genuine signatures.

use endorse::Refusal::{PayloadJson, PayloadNotAnObject};
use strict_jws::json::InvalidJson::{
    ByteOrderMark, DuplicateMember, NotUtf8, TooDeep, TooManyValues, TrailingText,
    UnexpectedCharacter, UnexpectedEnd,
};

use crate::forge::refused;

refused! {
    empty: |forge| forge.payload("") => PayloadJson(UnexpectedEnd);
    text: |forge| forge.payload("hello") => PayloadJson(UnexpectedCharacter);
    array: |forge| forge.payload("[]") => PayloadNotAnObject;
    string: |forge| forge.payload(r#""{}""#) => PayloadNotAnObject;
    null: |forge| forge.payload("null") => PayloadNotAnObject;
    exp_twice: |forge| forge.and(r#""exp":4102444800"#) => PayloadJson(DuplicateMember);
    aud_twice_once_escaped: |forge| forge.and(r#""\u0061ud":"x""#) => PayloadJson(DuplicateMember);
    an_unknown_claim_twice: |forge| forge.and(r#""x":1,"x":1"#) => PayloadJson(DuplicateMember);
    imsi_twice: |forge| forge.sim("x", r#"1,"imsi":"001010000000002""#) => PayloadJson(DuplicateMember);
    a_parameter_twice: |forge| forge.sim("requestParameters", r#"{"a":"1","a":"2"}"#) => PayloadJson(DuplicateMember);
    byte_order_mark: |forge| forge.payload(format!("\u{feff}{}", forge.good_payload())) => PayloadJson(ByteOrderMark);
    invalid_utf_8: |forge| forge.payload(b"{\"iss\":\"\xff\"}") => PayloadJson(NotUtf8);
    trailing_garbage: |forge| forge.payload(forge.good_payload() + "x") => PayloadJson(TrailingText);
    nested_5000_deep: |forge| forge.and(&format!(r#""x":{}"#, "[".repeat(5000))) => PayloadJson(TooDeep);
    nested_9_deep: |forge| forge.and(r#""x":[[[[[[[[]]]]]]]]"#) => PayloadJson(TooDeep);
    too_many_members: |forge| {
        let members: Vec<_> = (0..64).map(|index| format!("\"{index}\":0")).collect();
        forge.and(&members.join(","))
    } => PayloadJson(TooManyValues);
}

//! When a token was issued and expires.

use endorse::Refusal::{
    Expired, ExpiresBeforeIssued, IssuedInFuture, LivesTooLong, MissingClaim, NotYetValid,
    PayloadJson, WrongType,
};
use endorse::{UnixTime, Verifier};
use strict_jws::KeySet;
use strict_jws::json::InvalidJson::{Number, UnexpectedCharacter};

use crate::forge::{NATIVE, NOW, refused};

refused! {
    exp_missing: |forge| forge.without("exp") => MissingClaim("exp");
    exp_string: |forge| forge.claim("exp", r#""1700000300""#) => WrongType("exp");
    exp_negative: |forge| forge.claim("exp", "-1") => WrongType("exp");
    exp_1e400: |forge| forge.claim("exp", "1e400") => WrongType("exp");
    exp_1e9: |forge| forge.claim("exp", "17e8") => WrongType("exp");
    exp_fraction: |forge| forge.claim("exp", "1700000300.5") => WrongType("exp");
    exp_2_63: |forge| forge.claim("exp", "9223372036854775808") => WrongType("exp");
    exp_2_64: |forge| forge.claim("exp", "18446744073709551616") => WrongType("exp");
    exp_above_2_53: |forge| forge.claim("exp", "9007199254740993") => WrongType("exp");
    exp_bool: |forge| forge.claim("exp", "true") => WrongType("exp");
    exp_null: |forge| forge.claim("exp", "null") => WrongType("exp");
    exp_array: |forge| forge.claim("exp", "[1700000300]") => WrongType("exp");
    exp_nan: |forge| forge.claim("exp", "NaN") => PayloadJson(UnexpectedCharacter);
    exp_infinity: |forge| forge.claim("exp", "Infinity") => PayloadJson(UnexpectedCharacter);
    exp_hexadecimal: |forge| forge.claim("exp", "0x6553f100") => PayloadJson(Number);
    exp_far_away: |forge| forge.claim("exp", "9007199254740992") => LivesTooLong { max: forge.max_lifetime() };
    exp_a_second_too_late: |forge| {
        forge.claim("exp", &(NOW + forge.max_lifetime() + 1).to_string())
    } => LivesTooLong { max: forge.max_lifetime() };
    exp_before_iat: |forge| forge.claim("exp", "1699999999") => ExpiresBeforeIssued;
    exp_zero: |forge| forge.claim("exp", "0") => ExpiresBeforeIssued;

    iat_missing: |forge| forge.without("iat") => MissingClaim("iat");
    iat_string: |forge| forge.claim("iat", r#""1700000000""#) => WrongType("iat");
    iat_null: |forge| forge.claim("iat", "null") => WrongType("iat");
    iat_negative: |forge| forge.claim("iat", "-1") => WrongType("iat");
    iat_1e400: |forge| forge.claim("iat", "1e400") => WrongType("iat");
    iat_zero: |forge| forge.claim("iat", "0") => LivesTooLong { max: forge.max_lifetime() };
    iat_in_the_future: |forge| forge.claim("iat", "1700000006") => IssuedInFuture;

    nbf_string: |forge| forge.claim("nbf", r#""1700000000""#) => WrongType("nbf");
    nbf_null: |forge| forge.claim("nbf", "null") => WrongType("nbf");
    nbf_bool: |forge| forge.claim("nbf", "false") => WrongType("nbf");
    nbf_1e400: |forge| forge.claim("nbf", "1e400") => WrongType("nbf");
    nbf_in_the_future: |forge| forge.claim("nbf", "1700000006") => NotYetValid;

    auth_time_string: |forge| forge.claim("auth_time", r#""x""#) => WrongType("auth_time");
}

impl crate::forge::Forge {
    fn max_lifetime(&self) -> u64 {
        if self.sim_claim == "endorse" {
            300
        } else {
            600
        }
    }
}

fn at(seconds: u64) -> Option<endorse::Refusal> {
    let now = UnixTime::from_seconds(seconds);
    NATIVE.verifier.verify(&NATIVE.good(), now).err()
}

#[test]
fn a_token_lives_from_its_issue_to_its_end_with_5_seconds_on_either_side() {
    assert_eq!(at(NOW - 6), Some(IssuedInFuture));
    assert_eq!(at(NOW - 5), None);
    assert_eq!(at(NOW + 304), None);
    assert_eq!(at(NOW + 305), Some(Expired));
}

#[test]
fn the_leeway_has_60_seconds_at_most() {
    let mut keys = KeySet::new();
    keys.insert_certifying(NATIVE.key.public().clone()).unwrap();
    let issuer = "https://endorse.example".parse().unwrap();
    let verifier = Verifier::native(issuer, "https://api.example".parse().unwrap(), keys);
    let verifier = verifier.with_leeway(3600);
    let at = |seconds| {
        verifier
            .verify(&NATIVE.good(), UnixTime::from_seconds(seconds))
            .err()
    };
    assert_eq!(at(NOW + 359), None);
    assert_eq!(at(NOW + 360), Some(Expired));
}

#[test]
fn a_token_without_nbf_is_accepted() {
    assert!(NATIVE.verify(NATIVE.without("nbf")).is_ok());
}

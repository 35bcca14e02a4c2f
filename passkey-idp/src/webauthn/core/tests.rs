//! What is relied on in `webauthn-rs-core`: if one of these fails after an update, the states above must
//! be written anew.

use serde_json::Value;

use super::*;
use crate::order::UserVerification;

fn core() -> WebauthnCore {
    Core::new(
        "idp.example",
        "Example",
        &["https://idp.example".parse().unwrap()],
    )
    .0
}

fn expected(user_verification: UserVerification) -> Expected<'static> {
    Expected {
        challenge: &[7; 32],
        user: None,
        user_verification,
    }
}

fn members(value: &Value) -> Vec<&str> {
    let mut names: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn a_registration_state_has_the_members_that_are_written_here() {
    let core = core();
    let builder = core
        .new_challenge_register_builder(b"user", "user", "user")
        .unwrap();
    let builder = builder.user_verification_policy(UserVerificationPolicy::Preferred);
    let (_, theirs) = core
        .generate_challenge_register(builder.require_resident_key(true))
        .unwrap();
    let theirs = serde_json::to_value(theirs).unwrap();
    let ours = registration_state(expected(UserVerification::Preferred)).unwrap();
    let ours = serde_json::to_value(ours).unwrap();
    assert_eq!(members(&ours), members(&theirs));
    for same in ["policy", "credential_algorithms", "require_resident_key"] {
        assert_eq!(ours[same], theirs[same], "{same}");
    }
    assert_eq!(ours["challenge"], base64::encode(&[7; 32]));
    assert_eq!(
        base64::decode(theirs["challenge"].as_str().unwrap().as_bytes())
            .unwrap()
            .len(),
        32
    );
}

#[test]
fn an_authentication_state_has_the_members_that_are_written_here() {
    let core = core();
    let policy = Some(UserVerificationPolicy::Required);
    let builder = core
        .new_challenge_authenticate_builder(Vec::new(), policy)
        .unwrap();
    let (_, theirs) = core.generate_challenge_authenticate(builder).unwrap();
    let theirs = serde_json::to_value(theirs).unwrap();
    let ours = authentication_state(expected(UserVerification::Required)).unwrap();
    let ours = serde_json::to_value(ours).unwrap();
    assert_eq!(members(&ours), members(&theirs));
    for same in ["policy", "appid", "credentials"] {
        assert_eq!(ours[same], theirs[same], "{same}");
    }
    assert_eq!(ours["challenge"], base64::encode(&[7; 32]));
}

#[test]
fn a_certificate_that_is_none_is_no_anchor() {
    let mut anchors = Anchors::default();
    assert_eq!(
        anchors.insert(Aaguid::default(), b"no certificate"),
        Err(InvalidTrust)
    );
}

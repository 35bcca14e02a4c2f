//! The two ceremonies, and every way in which an answer may be wrong.

mod authenticator_data;
mod client_data;
mod model;
mod passkey;

use super::*;
use crate::webauthn::{Ask, Handle, Quirks, Rewrite, TestAuthenticator, Trust};

const CHALLENGE: [u8; 32] = [7; 32];
const ORIGIN: &str = "https://idp.example";

fn user() -> UserId {
    UserId::from([1; 16])
}

fn party() -> RelyingParty {
    let origins = ["https://idp.example", "https://related.test"];
    let origins = origins.map(|origin| origin.parse().unwrap());
    RelyingParty::new("idp.example", "Example", origins.to_vec()).unwrap()
}

fn ask() -> Ask {
    Ask::new(&CHALLENGE, "idp.example", ORIGIN)
}

fn expected() -> Expected<'static> {
    Expected {
        challenge: &CHALLENGE,
        user: None,
        user_verification: UserVerification::Required,
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "every quirk is one that may be none"
)]
fn rewrite(change: impl Fn(&mut Vec<u8>) + Send + Sync + 'static) -> Option<Rewrite> {
    Some(Box::new(move |mut octets| {
        change(&mut octets);
        octets
    }))
}

/// An authenticator, and its passkey as it is kept.
fn registered(mut authenticator: TestAuthenticator) -> (TestAuthenticator, Credential) {
    let registration = authenticator.register(&ask(), &Quirks::none());
    let new = party().verify_registration(&registration, expected(), &Policy::default());
    let credential = Credential::of(user(), new.unwrap());
    (authenticator, credential)
}

fn register(ask: &Ask, quirks: &Quirks, policy: &Policy) -> Result<NewPasskey, Refusal> {
    let registration = TestAuthenticator::es256(user()).register(ask, quirks);
    party().verify_registration(&registration, expected(), policy)
}

/// What comes of a registration, and of a signature, that are wrong in the same way.
fn both(ask: &Ask, quirks: &Quirks) -> [Refusal; 2] {
    [
        register(ask, quirks, &Policy::default()).unwrap_err(),
        sign(ask, quirks).unwrap_err(),
    ]
}

fn sign(ask: &Ask, quirks: &Quirks) -> Result<Used, Refusal> {
    let (mut authenticator, credential) = registered(TestAuthenticator::es256(user()));
    let assertion = authenticator.sign(ask, quirks);
    party().verify_assertion(&assertion, &credential, expected(), &Policy::default())
}

fn names<const N: usize>(refusals: [Refusal; N]) -> [String; N] {
    refusals.map(|refusal| refusal.to_string())
}

#[test]
fn a_passkey_is_registered_and_signs() {
    for authenticator in [
        TestAuthenticator::es256(user()),
        TestAuthenticator::rs256(user()),
    ] {
        let (mut authenticator, credential) = registered(authenticator);
        assert_eq!(&credential.id, authenticator.credential_id());
        assert_eq!(credential.transports, ["internal"]);
        assert_eq!(credential.counter, 1);
        let assertion = authenticator.sign(&ask(), &Quirks::none());
        let text = serde_json::to_string(&assertion).unwrap();
        let assertion = serde_json::from_str(&text).unwrap();
        let policy = Policy::default();
        let used = party()
            .verify_assertion(&assertion, &credential, expected(), &policy)
            .unwrap();
        assert_eq!(
            (used.counter, used.user_verified, used.may_be_cloned),
            (2, true, false)
        );
    }
}

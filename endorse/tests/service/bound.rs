//! Tokens that are bound to a device's key.

use std::sync::Arc;

use endorse::dpop::{ProofCheck, ProofOf, ProofRefusal, prove};
use endorse::{Binding, MemorySingleUse, Presented, Refusal, UnixTime, Verifier};
use strict_jws::dpop::Flaw;
use strict_jws::{Policy, SigningKey, SystemRandom, base64, proof};

use crate::world::{NOW, World, claims, new_key};

const URI: &str = "https://api.example/upload";

struct Bound {
    verifier: Verifier,
    token: String,
    key: SigningKey,
}

impl Bound {
    fn new() -> Self {
        let (world, key) = (World::new(), new_key());
        Self {
            verifier: world.verifier(),
            token: world.token(&claims().with_key(key.public().thumbprint())),
            key,
        }
    }

    fn proof(&self) -> String {
        prove(
            &self.key,
            &self.token,
            ("POST", URI),
            NOW,
            &SystemRandom::new(),
        )
        .unwrap()
    }

    fn refusal(&self, proof: &str) -> Option<Refusal> {
        self.refusal_of(ProofOf::new(proof, "POST", URI), NOW)
    }

    fn refusal_of(&self, proof: ProofOf<'_>, now: UnixTime) -> Option<Refusal> {
        self.verifier
            .verify(Presented::new(&self.token).with_proof(proof), now)
            .err()
    }

    /// A proof with other claims.
    fn with(&self, change: impl FnOnce(String) -> String) -> String {
        let made = proof::Proof::verify(&self.proof(), &Policy::typed("dpop+jwt")).unwrap();
        let payload = String::from_utf8(made.payload().to_vec()).unwrap();
        let payload = change(payload);
        proof::make(
            &self.key,
            "dpop+jwt",
            payload.as_bytes(),
            &SystemRandom::new(),
        )
        .unwrap()
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "it is compared with what may be nothing"
)]
fn refused(reason: ProofRefusal) -> Option<Refusal> {
    Some(Refusal::Proof(reason))
}

#[test]
fn a_bound_token_passes_with_a_proof_of_its_key() {
    let bound = Bound::new();
    assert_eq!(bound.refusal(&bound.proof()), None);
}

#[test]
fn a_bound_token_alone_is_refused() {
    let bound = Bound::new();
    assert_eq!(
        bound.verifier.verify(&bound.token, NOW).err(),
        Some(Refusal::ProofMissing)
    );
}

#[test]
fn a_proof_of_another_key_is_refused() {
    let bound = Bound::new();
    let swapped = prove(
        &new_key(),
        &bound.token,
        ("POST", URI),
        NOW,
        &SystemRandom::new(),
    );
    assert_eq!(
        bound.refusal(&swapped.unwrap()),
        refused(ProofRefusal::OtherKey)
    );
}

#[test]
fn a_proof_for_another_request_is_refused() {
    let bound = Bound::new();
    let proof = bound.proof();
    let method = bound.refusal_of(ProofOf::new(&proof, "GET", URI), NOW);
    assert_eq!(method, refused(ProofRefusal::Flawed(Flaw::Method)));
    let uri = bound.refusal_of(
        ProofOf::new(&proof, "POST", "https://api.example/other"),
        NOW,
    );
    assert_eq!(uri, refused(ProofRefusal::Flawed(Flaw::Uri)));
    let host = bound.refusal_of(
        ProofOf::new(&proof, "POST", "https://evil.example/upload"),
        NOW,
    );
    assert_eq!(host, refused(ProofRefusal::Flawed(Flaw::Uri)));
}

#[test]
fn the_query_of_a_request_does_not_count() {
    let bound = Bound::new();
    let uri = format!("{URI}?part=1#x");
    assert_eq!(
        bound.refusal_of(ProofOf::new(&bound.proof(), "POST", &uri), NOW),
        None
    );
}

#[test]
fn a_proof_for_another_token_is_refused() {
    let bound = Bound::new();
    let other = prove(
        &bound.key,
        "another",
        ("POST", URI),
        NOW,
        &SystemRandom::new(),
    );
    assert_eq!(
        bound.refusal(&other.unwrap()),
        refused(ProofRefusal::Flawed(Flaw::OtherToken))
    );
}

#[test]
fn a_proof_lives_for_a_minute() {
    let bound = Bound::new();
    let text = bound.proof();
    let at = |now| bound.refusal_of(ProofOf::new(&text, "POST", URI), now);
    assert_eq!(at(NOW.plus(60)), None);
    assert_eq!(at(NOW.plus(61)), refused(ProofRefusal::Flawed(Flaw::Stale)));
    assert_eq!(at(NOW.minus(5)), None);
    let ahead = bound.with(|claims| claims.replace("1700000000", "1700000006"));
    assert_eq!(
        bound.refusal(&ahead),
        refused(ProofRefusal::Flawed(Flaw::Stale))
    );
}

#[test]
fn a_proof_is_taken_once_where_the_service_says_so() {
    let mut bound = Bound::new();
    let check = ProofCheck::new().once(Arc::new(MemorySingleUse::default()));
    bound.verifier = bound.verifier.with_binding(Binding::AsIssued, check);
    let (one, other) = (bound.proof(), bound.proof());
    assert_eq!(bound.refusal(&one), None);
    assert_eq!(bound.refusal(&one), refused(ProofRefusal::Replayed));
    assert_eq!(bound.refusal(&other), None);
}

#[test]
fn a_proof_that_lacks_a_claim_is_refused() {
    let bound = Bound::new();
    for name in ["jti", "htm", "htu", "iat", "ath"] {
        let claims = format!("\"{name}\":");
        let without = bound.with(|payload| payload.replace(&claims, "\"x\":"));
        let check = ProofCheck::new().once(Arc::new(MemorySingleUse::default()));
        let expected = bound.key.public().thumbprint();
        let proof = ProofOf::new(&without, "POST", URI);
        let refusal = check.check(proof, bound.token.as_bytes(), &expected, NOW);
        assert_eq!(refusal, Err(ProofRefusal::Flawed(Flaw::Claim(name))));
    }
}

#[test]
fn what_is_no_proof_is_refused() {
    let bound = Bound::new();
    let parts = strict_jws::Refusal::Parts;
    assert_eq!(
        bound.refusal("proof"),
        refused(ProofRefusal::Flawed(Flaw::Token(parts)))
    );
    let payload = proof::make(&bound.key, "dpop+jwt", b"x", &SystemRandom::new()).unwrap();
    let json = strict_jws::json::InvalidJson::UnexpectedCharacter;
    assert_eq!(
        bound.refusal(&payload),
        refused(ProofRefusal::Flawed(Flaw::PayloadJson(json)))
    );
    let good = bound.proof();
    let (message, _) = good.rsplit_once('.').unwrap();
    let forged = format!("{message}.{}", base64::encode(&[0; 64]));
    let signature = ProofRefusal::Flawed(Flaw::Token(strict_jws::Refusal::Signature));
    assert_eq!(bound.refusal(&forged), refused(signature));
}

#[test]
fn a_token_that_is_not_bound_is_refused_where_every_token_must_be() {
    let world = World::new();
    let verifier = world
        .verifier()
        .with_binding(Binding::Required, ProofCheck::new());
    assert_eq!(
        verifier.verify(&world.token(&claims()), NOW).err(),
        Some(Refusal::NotBound)
    );
}

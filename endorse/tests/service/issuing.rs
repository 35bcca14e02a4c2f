use endorse::{
    Claims, IssueError, Issuer, Method, Refusal, RequestParameters, Sim, StatusReference, UnixTime,
    Verifier,
};
use strict_jws::{KeyRing, Signer, SigningKey, SystemRandom, base64};

use crate::world::{IMEI, IMSI, NOW, World, claims, new_key};

fn part(token: &str, index: usize) -> String {
    let part = token.split('.').nth(index).unwrap();
    String::from_utf8(base64::decode(part.as_bytes()).unwrap()).unwrap()
}

fn soracom_signer() -> Signer {
    let pem = include_str!("../keys/rsa2048.pem");
    Signer::certifying(SigningKey::from_pem(pem, &SystemRandom::new()).unwrap())
}

fn soracom_claims() -> Claims {
    let parameters = [("hello".to_owned(), "\"world\"".to_owned())];
    let mut sim = Sim::default()
        .with_imsi(IMSI.parse().unwrap())
        .with_imei(IMEI.parse().unwrap())
        .with_request_parameters(RequestParameters::collect(parameters).unwrap());
    sim.msisdn = Some("819012345678".parse().unwrap());
    sim.id = Some("8981100000000000001".parse().unwrap());
    let audience = "soracom-endorse-audience".parse().unwrap();
    Claims::new(audience, "soracom-endorse".parse().unwrap(), sim)
}

fn soracom_issuer() -> Issuer {
    let subject = "soracom-endorse".parse().unwrap();
    Issuer::soracom("https://soracom.io".parse().unwrap(), subject)
}

#[test]
fn everything_that_is_endorsed_arrives() {
    let world = World::new();
    let mut claims = claims()
        .with_nonce("n")
        .with_key(new_key().public().thumbprint());
    claims.sim.msisdn = Some("+819012345678".parse().unwrap());
    claims.sim.id = Some("sim-1".parse().unwrap());
    claims.sim.method = Some(Method::EapAka);
    claims.auth_time = Some(NOW.minus(10));
    claims.acr = Some("urn:example:sim".to_owned());
    claims.amr = vec!["sc".to_owned(), "hwk".to_owned()];
    claims.status = Some(StatusReference::new("https://endorse.example/status/1", 42));
    let random = SystemRandom::new();
    let issued = world
        .issuer
        .issue(&claims, &world.signer, NOW, &random)
        .unwrap();
    let unproven = world.verifier().verify(&issued.token, NOW).err();
    assert_eq!(unproven, Some(Refusal::ProofMissing));
    let proof = endorse::dpop::prove(
        &new_key(),
        &issued.token,
        ("GET", "https://x"),
        NOW,
        &random,
    );
    let proof = proof.unwrap();
    let presented = endorse::Presented::new(&issued.token).with_proof(endorse::dpop::ProofOf::new(
        &proof,
        "GET",
        "https://x",
    ));
    let other_key = endorse::dpop::ProofRefusal::OtherKey;
    let refusal = world.verifier().verify(presented, NOW).err();
    assert_eq!(refusal, Some(Refusal::Proof(other_key)));

    claims.key = None;
    let issued = world
        .issuer
        .issue(&claims, &world.signer, NOW, &random)
        .unwrap();
    let endorsement = world.verifier().verify(&issued.token, NOW).unwrap();
    assert_eq!(endorsement.claims, claims);
    assert_eq!(endorsement.token_id, issued.token_id);
    assert_eq!(
        (endorsement.issued, endorsement.expires),
        (NOW, NOW.plus(300))
    );
    assert_eq!(issued.expires, NOW.plus(300));
}

#[test]
fn a_soracom_token_has_soracoms_form_member_for_member() {
    let random = SystemRandom::new();
    let signer = soracom_signer();
    let issued = soracom_issuer()
        .issue(&soracom_claims(), &signer, NOW, &random)
        .unwrap();
    let kid = signer.key_id();
    assert_eq!(
        part(&issued.token, 0),
        format!(r#"{{"kid":"{kid}","alg":"RS256"}}"#)
    );
    let jti = &issued.token_id;
    assert_eq!(
        part(&issued.token, 1),
        format!(
            r#"{{"iss":"https://soracom.io","aud":"soracom-endorse-audience","exp":1700000600,"jti":"{jti}","iat":1700000000,"nbf":1699999940,"sub":"soracom-endorse","soracom-endorse-claim":{{"imsi":"001010000000001","imei":"490154203237518","msisdn":"819012345678","simId":"8981100000000000001","requestParameters":{{"hello":"\"world\""}}}}}}"#
        )
    );
    assert_eq!(jti.len(), 22);
}

#[test]
fn a_soracom_token_is_accepted_by_its_verifier() {
    let signer = soracom_signer();
    let issued = soracom_issuer().issue(&soracom_claims(), &signer, NOW, &SystemRandom::new());
    let mut keys = strict_jws::KeySet::new();
    keys.insert_certifying(signer.public().clone()).unwrap();
    let verifier = Verifier::soracom(
        "https://soracom.io".parse().unwrap(),
        "soracom-endorse-audience".parse().unwrap(),
        "soracom-endorse".parse().unwrap(),
        keys,
    );
    let endorsement = verifier.verify(&issued.unwrap().token, NOW).unwrap();
    assert_eq!(endorsement.claims, soracom_claims());
}

#[test]
fn what_no_verifier_of_the_profile_would_take_is_not_issued() {
    let random = SystemRandom::new();
    let refused = |reason| Some(IssueError::OutsideProfile(reason));
    let es256 = Signer::certifying(new_key());
    let issue = |claims: &Claims, signer: &Signer| {
        soracom_issuer().issue(claims, signer, NOW, &random).err()
    };
    assert_eq!(
        issue(&soracom_claims(), &es256),
        refused(Refusal::KeyOutsideProfile)
    );
    let mut short = soracom_claims();
    short.sim.imsi = Some("00101000000001".parse().unwrap());
    assert_eq!(
        issue(&short, &soracom_signer()),
        refused(Refusal::InvalidClaim("imsi"))
    );
    let mut other = soracom_claims();
    other.subject = "somebody".parse().unwrap();
    assert_eq!(
        issue(&other, &soracom_signer()),
        refused(Refusal::WrongSubject)
    );
    let mut unproven = claims();
    unproven.sim.method = None;
    let world = World::new();
    let native = world
        .issuer
        .issue(&unproven, &world.signer, NOW, &random)
        .err();
    assert_eq!(native, refused(Refusal::MissingClaim("method")));
}

#[test]
fn a_lifetime_that_the_verifier_does_not_allow_is_refused() {
    let mut world = World::new();
    world.issuer = world.issuer.with_lifetime(301);
    let token = world.token(&claims());
    let refusal = world.verifier().verify(&token, NOW).err();
    assert_eq!(refusal, Some(Refusal::LivesTooLong { max: 300 }));
    assert!(
        world
            .verifier()
            .with_max_lifetime(301)
            .verify(&token, NOW)
            .is_ok()
    );
}

#[test]
fn keys_change_and_no_token_is_refused_in_its_life() {
    let issuer = Issuer::native("https://endorse.example".parse().unwrap());
    let random = SystemRandom::new();
    let mut ring = KeyRing::new(Signer::certifying(new_key()), issuer.lifetime());
    let mut alive: Vec<(String, UnixTime)> = Vec::new();
    for minute in 0..60 {
        let now = NOW.plus(60 * minute);
        if minute % 7 == 0 {
            ring.announce(Signer::certifying(new_key())).unwrap();
            ring.rotate(now).unwrap();
            ring.sweep(now);
        }
        let issued = issuer
            .issue(&claims(), ring.active(), now, &random)
            .unwrap();
        alive.push((issued.token, issued.expires));
        alive.retain(|(_, expires)| now < *expires);
        let verifier = Verifier::native(
            "https://endorse.example".parse().unwrap(),
            "https://api.example".parse().unwrap(),
            ring.published(now),
        );
        for (token, _) in &alive {
            assert!(verifier.verify(token, now).is_ok(), "minute {minute}");
        }
    }
}

#[test]
fn debug_shows_no_token() {
    let world = World::new();
    let issued = world
        .issuer
        .issue(&claims(), &world.signer, NOW, &SystemRandom::new())
        .unwrap();
    let shown = format!("{issued:?} {:?}", endorse::Presented::new(&issued.token));
    assert!(
        !shown.contains(&issued.token) && shown.contains("[redacted]"),
        "{shown}"
    );
}

#[test]
fn no_token_is_issued_that_is_too_long_for_its_verifiers() {
    let world = World::new();
    let issued = |character: &str| {
        let parameters = [("name".to_owned(), character.repeat(4000))];
        let mut claims = claims();
        claims.sim.request_parameters = RequestParameters::collect(parameters).unwrap();
        let random = SystemRandom::new();
        world.issuer.issue(&claims, &world.signer, NOW, &random)
    };
    let token = issued("a").unwrap().token;
    assert!(world.verifier().verify(&token, NOW).is_ok());
    // each takes six octets in JSON
    assert_eq!(issued("\u{1}").err(), Some(IssueError::TooLong));
}

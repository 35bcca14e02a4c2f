use std::sync::Arc;

use endorse::{
    Endorsement, MemorySingleUse, Policy, Presented, Refusal, SimPairs, SingleUse, StoreFails,
    UnixTime, Use,
};

use crate::world::{IMEI, IMSI, NOW, World, claims};

#[test]
fn a_nonce_that_the_service_expects_must_be_there() {
    let world = World::new();
    let verifier = world.verifier();
    let refusal = |token: &str, nonce| {
        verifier
            .verify(Presented::new(token).expecting_nonce(nonce), NOW)
            .err()
    };
    let with = world.token(&claims().with_nonce("n-1"));
    assert_eq!(refusal(&with, "n-1"), None);
    assert_eq!(refusal(&with, "n-2"), Some(Refusal::Nonce));
    assert_eq!(
        refusal(&world.token(&claims()), "n-1"),
        Some(Refusal::Nonce)
    );
}

#[test]
fn a_token_is_accepted_once_where_the_service_says_so() {
    let world = World::new();
    let verifier = world
        .verifier()
        .with_single_use(Arc::new(MemorySingleUse::default()));
    let (one, other) = (world.token(&claims()), world.token(&claims()));
    assert!(verifier.verify(&one, NOW).is_ok());
    assert_eq!(verifier.verify(&one, NOW).err(), Some(Refusal::Replayed));
    assert_eq!(
        verifier.verify(&one, NOW.plus(304)).err(),
        Some(Refusal::Replayed)
    );
    assert!(verifier.verify(&other, NOW).is_ok());
}

#[test]
fn a_token_that_a_policy_refuses_stays_unused() {
    let world = World::new();
    let verifier = world
        .verifier()
        .with_single_use(Arc::new(MemorySingleUse::default()));
    let token = world.token(&claims().with_nonce("n-1"));
    let wrong = verifier.verify(Presented::new(&token).expecting_nonce("n-2"), NOW);
    assert_eq!(wrong.err(), Some(Refusal::Nonce));
    assert!(verifier.verify(&token, NOW).is_ok());
}

#[derive(Debug)]
struct Broken;

impl SingleUse for Broken {
    fn use_once(&self, _: &str, _: UnixTime, _: UnixTime) -> Result<Use, StoreFails> {
        Err(StoreFails)
    }
}

#[test]
fn a_store_that_fails_refuses() {
    let world = World::new();
    let verifier = world.verifier().with_single_use(Arc::new(Broken));
    assert_eq!(
        verifier.verify(&world.token(&claims()), NOW).err(),
        Some(Refusal::StoreFails)
    );
}

#[test]
fn a_sim_passes_in_its_own_device_only() {
    let world = World::new();
    let pairs = SimPairs::new().allow(IMSI.parse().unwrap(), IMEI.parse().unwrap());
    let verifier = world.verifier().with_policy(pairs);
    let refusal = |claims| verifier.verify(&world.token(&claims), NOW).err();
    assert_eq!(refusal(claims()), None);
    let mut stolen = claims();
    stolen.sim.imei = Some("490154203237519".parse().unwrap());
    assert_eq!(refusal(stolen), Some(Refusal::SimNotAllowed));
    let mut silent = claims();
    silent.sim.imei = None;
    assert_eq!(refusal(silent), Some(Refusal::SimNotAllowed));
    let mut unknown = claims();
    unknown.sim.imsi = Some("001010000000002".parse().unwrap());
    assert_eq!(refusal(unknown), Some(Refusal::SimNotAllowed));
    let mut nameless = claims();
    nameless.sim.imsi = None;
    assert_eq!(refusal(nameless), Some(Refusal::SimNotAllowed));
}

#[test]
fn a_sim_may_be_allowed_in_any_device() {
    let world = World::new();
    let pairs = SimPairs::new().allow_in_any_device(IMSI.parse().unwrap());
    let verifier = world.verifier().with_policy(pairs);
    let mut elsewhere = claims();
    elsewhere.sim.imei = None;
    assert!(verifier.verify(&world.token(&elsewhere), NOW).is_ok());
}

#[derive(Debug)]
struct RecentlyProven;

impl Policy for RecentlyProven {
    fn check(&self, endorsement: &Endorsement, now: UnixTime) -> Result<(), Refusal> {
        match endorsement.claims.auth_time {
            Some(time) if time.plus(60) >= now => Ok(()),
            _ => Err(Refusal::Policy("proven more than a minute ago")),
        }
    }
}

#[test]
fn a_service_may_have_policies_of_its_own() {
    let world = World::new();
    let verifier = world.verifier().with_policy(RecentlyProven);
    let mut claims = claims();
    claims.auth_time = Some(NOW.minus(60));
    assert!(verifier.verify(&world.token(&claims), NOW).is_ok());
    claims.auth_time = Some(NOW.minus(61));
    let refusal = verifier.verify(&world.token(&claims), NOW).err();
    assert_eq!(
        refusal,
        Some(Refusal::Policy("proven more than a minute ago"))
    );
}

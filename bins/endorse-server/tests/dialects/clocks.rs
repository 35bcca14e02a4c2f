//! What holds although clocks differ, as verifiers allow and as those of several instances do.

use std::sync::Arc;

use endorse::keys::KeySource;
use endorse::status_list::StatusLists;
use endorse::{Endorsement, Presented, Refusal, UnixTime, Verifier};
use endorse_server::Known;

use crate::device::Device;
use crate::world::{AUDIENCE, ORIGIN, World, present};

/// The most patient verifier, which heeds the status list that the server signs at that time.
async fn verified(world: &World, token: &str, now: UnixTime) -> Result<Endorsement, Refusal> {
    let server = &world.state.server;
    let list = server.signed_status_list(0, now).await.unwrap().unwrap();
    let (lists, keys) = (Arc::new(StatusLists::new()), world.keys().await);
    let uri = format!("{ORIGIN}/status-lists/0");
    let source: &dyn KeySource = &keys;
    lists
        .update(&uri, list.token.as_bytes(), source, now)
        .unwrap();
    Verifier::native(ORIGIN.parse().unwrap(), AUDIENCE.parse().unwrap(), keys)
        .with_leeway(Verifier::MAX_LEEWAY)
        .with_policy(lists)
        .verify(token, now)
}

async fn inspected(world: &World, token: &str, now: UnixTime) -> Option<Known> {
    world.state.server.inspect(token, now).await.unwrap()
}

#[tokio::test]
async fn a_revoked_token_stays_so_for_as_long_as_any_verifier_takes_it() {
    let (world, mut device) = (World::new().await, Device::new());
    let token = device.token(&world, AUDIENCE, None).await;
    let end = inspected(&world, &token, present()).await.unwrap();
    let end = end.endorsement.expires;
    world.state.server.revoke(&token, present()).await.unwrap();
    for now in [present(), end, end.plus(Verifier::MAX_LEEWAY - 1)] {
        world.state.server.store().sweep(now).await.unwrap();
        let refusal = verified(&world, &token, now).await.unwrap_err();
        assert_eq!(refusal, Refusal::Revoked);
    }
}

#[tokio::test]
async fn a_token_is_revoked_for_as_long_as_any_verifier_takes_it() {
    let (world, mut device) = (World::new().await, Device::new());
    let token = device.token(&world, AUDIENCE, None).await;
    let end = inspected(&world, &token, present()).await.unwrap();
    let late = end.endorsement.expires.plus(Verifier::MAX_LEEWAY - 1);
    assert!(verified(&world, &token, late).await.is_ok());
    world.state.server.revoke(&token, late).await.unwrap();
    let refusal = verified(&world, &token, late).await.unwrap_err();
    assert_eq!(refusal, Refusal::Revoked);
}

#[tokio::test]
async fn an_instance_whose_clock_is_behind_knows_the_tokens_of_the_others() {
    let (world, mut device) = (World::new().await, Device::new());
    let home = device.token(&world, ORIGIN, None).await;
    let behind = present().minus(4);
    assert!(inspected(&world, &home, behind).await.is_some());
    let audience = AUDIENCE.parse().unwrap();
    let server = &world.state.server;
    let exchanged = server.exchange(Presented::new(&home), audience, behind);
    assert!(exchanged.await.is_ok());
}

#[tokio::test]
async fn nobody_is_told_that_an_expired_token_is_good() {
    let (world, mut device) = (World::new().await, Device::new());
    let home = device.token(&world, ORIGIN, None).await;
    let end = inspected(&world, &home, present()).await.unwrap();
    let end = end.endorsement.expires;
    assert!(inspected(&world, &home, end.minus(1)).await.is_some());
    assert!(inspected(&world, &home, end).await.is_none());
    let audience = AUDIENCE.parse().unwrap();
    let server = &world.state.server;
    let exchanged = server.exchange(Presented::new(&home), audience, end);
    assert!(exchanged.await.is_err());
}

#[tokio::test]
async fn a_status_list_is_signed_when_something_has_changed_and_when_it_is_old() {
    let world = World::new().await;
    let token = Device::new().token(&world, AUDIENCE, None).await;
    let (now, other) = (present(), world.beside().await);
    let list = async |seconds| {
        let list = world.state.server.signed_status_list(0, now.plus(seconds));
        list.await.unwrap().unwrap().token
    };
    let first = list(0).await;
    for seconds in [1, 2, 29] {
        assert_eq!(list(seconds).await, first, "{seconds}");
    }
    let old = list(30).await;
    assert_ne!(old, first);
    // what another instance revoked is seen two seconds later
    other.state.server.revoke(&token, now).await.unwrap();
    assert_eq!(list(31).await, old);
    let revoked = list(32).await;
    assert_ne!(revoked, old);
    assert_eq!(list(33).await, revoked);
    // what this one revoked is seen at once
    world.state.server.revoke(&token, now).await.unwrap();
    assert_ne!(list(33).await, revoked);
}

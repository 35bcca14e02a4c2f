//! Clients that ask.

use super::*;

#[test]
fn a_client_that_waits_is_told_to_wait_and_one_that_does_not_waits_longer() {
    let world = World::polling();
    let begun = world.placed("");
    assert_eq!(begun.interval, Some(Duration::from_seconds(2)));
    let mut told = Vec::new();
    for seconds in [0, 2, 3, 9, 20, 37] {
        told.push(world.poll(&begun, later(seconds)).unwrap_err());
    }
    let (pending, slow) = (ErrorCode::AuthorizationPending, ErrorCode::SlowDown);
    // 2 seconds at first, 7 after the poll at 3, 12 after the one at 9, 17 after the one at 20
    assert_eq!(told, [pending, pending, slow, slow, slow, pending]);
}

#[test]
fn of_64_polls_at_once_one_is_pending_and_the_others_are_too_many() {
    let world = World::polling();
    let begun = world.placed("");
    let (asking, request) = (&world, &begun);
    let told = world
        .harness
        .race(|_| async move { asking.poll(request, NOW).unwrap_err() });
    let pending = told
        .iter()
        .filter(|told| **told == ErrorCode::AuthorizationPending);
    assert_eq!(pending.count(), 1, "{told:?}");
    let slow = told.iter().filter(|told| **told == ErrorCode::SlowDown);
    assert_eq!(slow.count(), 63, "{told:?}");
}

#[test]
fn of_64_polls_after_the_answer_one_gets_tokens() {
    let world = World::polling();
    let begun = world.placed("");
    world.approve(&begun, later(5));
    let (asking, request) = (&world, &begun);
    let won = world
        .harness
        .race(|_| async move { asking.poll(request, later(6)).map(drop) });
    assert_eq!(won.iter().filter(|won| won.is_ok()).count(), 1, "{won:?}");
    let lost = won
        .iter()
        .filter(|won| **won == Err(ErrorCode::InvalidGrant));
    assert_eq!(lost.count(), 63, "{won:?}");
}

#[test]
fn early_polls_do_not_burn_the_request() {
    let world = World::polling();
    let begun = world.placed("");
    for _ in 0..5 {
        world.poll(&begun, NOW).unwrap_err();
    }
    world.approve(&begun, later(1));
    assert!(world.poll(&begun, later(1)).is_ok());
}

#[test]
fn tokens_tell_who_approved_when_and_how() {
    let world = World::polling();
    let begun = world.placed("&acr_values=https://refeds.org/profile/mfa");
    world.approve(&begun, later(5));
    let tokens = world.poll(&begun, later(9)).unwrap();
    let claims = world.claims(tokens.id_token.as_deref().unwrap(), "JWT");
    assert_eq!(claims["sub"], KIM);
    assert_eq!(claims["aud"], "rp");
    assert_eq!(claims["auth_time"], 1_800_000_005);
    assert_eq!(claims["acr"], "https://refeds.org/profile/mfa");
    assert!(tokens.refresh_token.is_some());
    let access = world.claims(&tokens.access_token, "at+jwt");
    assert_eq!(access["client_id"], "rp");
}

#[test]
fn a_refused_a_cancelled_and_an_expired_request_give_no_tokens() {
    let world = World::polling();
    let refused = world.placed("");
    world.step(&refused, NOW, |order| order.reject(None, NOW));
    assert_eq!(
        world.poll(&refused, NOW).unwrap_err(),
        ErrorCode::AccessDenied
    );
    let cancelled = world.placed("");
    world.step(&cancelled, NOW, |order| order.cancel(&rp(), NOW));
    assert_eq!(
        world.poll(&cancelled, NOW).unwrap_err(),
        ErrorCode::AccessDenied
    );
    let expired = world.placed("&requested_expiry=60");
    let last = NOW.plus(Duration::from_millis(59_999));
    assert_eq!(
        world.poll(&expired, last).unwrap_err(),
        ErrorCode::AuthorizationPending
    );
    assert_eq!(
        world.poll(&expired, later(60)).unwrap_err(),
        ErrorCode::ExpiredToken
    );
}

#[test]
fn tokens_that_nobody_fetches_expire() {
    let world = World::polling();
    let begun = world.placed("");
    world.approve(&begun, later(5));
    assert_eq!(
        world.poll(&begun, later(305)).unwrap_err(),
        ErrorCode::ExpiredToken
    );
}

#[test]
fn a_request_is_its_own_clients_only_and_stays_good_for_it() {
    let world = World::polling();
    let begun = world.placed("");
    world.approve(&begun, NOW);
    let other = "other".parse().unwrap();
    let stolen = world.poll_as(&other, &begun, NOW).unwrap_err();
    assert_eq!(stolen, ErrorCode::InvalidGrant);
    assert!(world.poll(&begun, NOW).is_ok());
}

#[test]
fn a_request_that_was_never_placed_is_invalid() {
    let world = World::polling();
    let begun = world.begun("");
    assert_eq!(
        world.poll(&begun, NOW).unwrap_err(),
        ErrorCode::InvalidGrant
    );
}

#[test]
fn a_client_that_is_sent_its_tokens_does_not_poll() {
    let world = World::told(Mode::Push);
    let begun = world.placed("");
    assert_eq!(begun.interval, None);
    world.approve(&begun, NOW);
    assert_eq!(
        world.poll(&begun, NOW).unwrap_err(),
        ErrorCode::UnauthorizedClient
    );
}

#[test]
fn a_client_whose_tokens_are_bound_to_a_key_proves_it_when_it_polls() {
    let mut world = World::polling();
    let begun = world.placed("");
    world.approve(&begun, NOW);
    world.registered.proves_key = true;
    assert_eq!(
        world.poll(&begun, NOW).unwrap_err(),
        ErrorCode::InvalidDpopProof
    );
}

#[test]
fn a_user_who_was_locked_out_after_signing_gives_no_tokens() {
    let world = World::polling();
    let begun = world.placed("");
    world.approve(&begun, NOW);
    world.lock_out_user();
    assert_eq!(world.poll(&begun, NOW).err(), Some(ErrorCode::InvalidGrant));
}

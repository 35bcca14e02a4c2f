use std::sync::Arc;

use strict_jws::SystemRandom;

use super::*;
use crate::id::UserId;
use crate::oauth::Authentication;
use crate::store::conformance::{Harness, Threads};
use crate::store::{MemoryStore, StoreExt as _};

fn now() -> Instant {
    Instant::from_unix_seconds(1_800_000_000)
}

fn rp() -> ApplicationId {
    "rp".parse().unwrap()
}

fn grant() -> Grant {
    Grant {
        client: rp(),
        scope: "openid profile".parse().unwrap(),
        authentication: Authentication {
            user: UserId::from([1; 16]),
            passkey: None,
            at: now(),
            session: None,
            acr: "phr".into(),
            amr: vec!["hwk".into()],
        },
        nonce: None,
        claims: crate::oauth::Claims::default(),
        key: None,
    }
}

fn started(harness: &Harness<Threads>, grant: Grant) -> (RefreshToken, Stored<RefreshFamily>) {
    let lifetime = Refreshing::For(Duration::from_seconds(1000));
    let id = FamilyId::from([7; 16]);
    let started = RefreshFamily::start(id, grant, lifetime, &SystemRandom::new(), now());
    let (token, change) = started.unwrap();
    let row = harness.run(harness.store().apply(change, now()));
    (token.unwrap(), row.unwrap().unwrap())
}

fn harness() -> Harness<Threads> {
    Harness::new(Arc::new(MemoryStore::new()), Threads)
}

fn rotate(
    family: &Stored<RefreshFamily>,
    token: &RefreshToken,
    scope: Option<&Scope>,
) -> Result<Rotated, RefreshRefusal> {
    let client = rp();
    let presented = Presented {
        client: &client,
        token,
        scope,
        key: None,
    };
    family.rotate(&presented, &SystemRandom::new(), now())
}

fn committed(harness: &Harness<Threads>, change: Change) -> Option<Stored<RefreshFamily>> {
    harness.run(harness.store().apply(change, now())).unwrap()
}

#[test]
fn each_token_is_good_once_and_the_second_use_is_noticed() {
    let harness = harness();
    let (first, family) = started(&harness, grant());
    let rotated = rotate(&family, &first, None).unwrap();
    let family = committed(&harness, rotated.change).unwrap();
    assert_eq!(
        rotate(&family, &first, None).unwrap_err(),
        RefreshRefusal::Reused
    );
    let again = rotate(&family, &rotated.token, None).unwrap();
    let family = committed(&harness, again.change).unwrap();
    assert_eq!(family.body.rotations, 2);
    let refused = rotate(&family, &rotated.token, None);
    assert_eq!(refused.unwrap_err(), RefreshRefusal::Reused);
}

#[test]
fn of_64_who_use_one_token_one_gets_another() {
    let harness = harness();
    let (token, family) = started(&harness, grant());
    let won = harness.race(|_| {
        let change = rotate(&family, &token, None).unwrap().change;
        let store = harness.store();
        async move { store.apply::<RefreshFamily>(change, now()).await.unwrap() }
    });
    assert_eq!(won.into_iter().flatten().count(), 1);
}

#[test]
fn a_revoked_family_is_dead() {
    let harness = harness();
    let (token, family) = started(&harness, grant());
    let rotating = rotate(&family, &token, None).unwrap().change;
    let revoked = committed(&harness, RefreshFamily::revoke(&family.body.id)).unwrap();
    assert!(family.is_alive(now()) && !revoked.is_alive(now()));
    assert_eq!(
        rotate(&revoked, &token, None).unwrap_err(),
        RefreshRefusal::Revoked
    );
    assert_eq!(
        committed(&harness, rotating),
        None,
        "not even who read it before"
    );
}

#[test]
fn scopes_may_be_fewer_and_never_more() {
    let (token, family) = started(&harness(), grant());
    let fewer: Scope = "openid".parse().unwrap();
    let rotated = rotate(&family, &token, Some(&fewer)).unwrap();
    assert_eq!(rotated.grant.scope, fewer);
    let more: Scope = "openid admin".parse().unwrap();
    let refused = rotate(&family, &token, Some(&more));
    assert_eq!(refused.unwrap_err(), RefreshRefusal::WiderScope);
}

#[test]
fn another_client_or_key_or_a_late_one_gets_nothing() {
    let key: Thumbprint = "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
        .parse()
        .unwrap();
    let bound = Grant {
        key: Some(key),
        ..grant()
    };
    let (token, family) = started(&harness(), bound);
    assert_eq!(
        rotate(&family, &token, None).unwrap_err(),
        RefreshRefusal::OtherKey
    );
    let client: ApplicationId = "other".parse().unwrap();
    let mut presented = Presented {
        client: &client,
        token: &token,
        scope: None,
        key: Some(key),
    };
    let refused = family.rotate(&presented, &SystemRandom::new(), now());
    assert_eq!(refused.unwrap_err(), RefreshRefusal::OtherClient);
    let rp = rp();
    presented.client = &rp;
    let late = now().plus(Duration::from_seconds(1000));
    let refused = family.rotate(&presented, &SystemRandom::new(), late);
    assert_eq!(refused.unwrap_err(), RefreshRefusal::Expired);
    assert!(
        family
            .rotate(&presented, &SystemRandom::new(), now())
            .is_ok()
    );
}

#[test]
fn a_family_without_refresh_tokens_takes_none() {
    let harness = harness();
    let id = FamilyId::from([7; 16]);
    let lifetime = Refreshing::Not(Duration::from_seconds(600));
    let started = RefreshFamily::start(id, grant(), lifetime, &SystemRandom::new(), now());
    let (token, change) = started.unwrap();
    assert!(token.is_none());
    let family = committed(&harness, change).unwrap();
    let guessed = RefreshToken::generate(id, &SystemRandom::new()).unwrap();
    assert_eq!(
        rotate(&family, &guessed, None).unwrap_err(),
        RefreshRefusal::Reused
    );
}

#[test]
fn a_token_comes_back_from_its_text_and_odd_text_is_none() {
    let token = RefreshToken::generate(FamilyId::from([7; 16]), &SystemRandom::new()).unwrap();
    let text = token.expose();
    let read: RefreshToken = text.parse().unwrap();
    assert_eq!((read.family, read.digest()), (token.family, token.digest()));
    assert_eq!(format!("{token:?}"), "RefreshToken([redacted])");
    for odd in ["", ".", "a.b", &text[1..], &format!("{}=", text.as_str())] {
        assert!(odd.parse::<RefreshToken>().is_err(), "{odd}");
    }
}

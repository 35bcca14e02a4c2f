use std::sync::Arc;

use strict_jws::SystemRandom;

use super::*;
use crate::Duration;
use crate::id::{FamilyId, UserId};
use crate::oauth::refresh::{FamilyState, Refreshing};
use crate::oauth::{Authentication, Grant};
use crate::store::conformance::{Harness, Threads};
use crate::store::{Commit, Live, MemoryStore, New, RowId, StoreExt as _};

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);
const HOUR: Duration = Duration::from_seconds(3600);

/// A family with a refresh token and two access tokens.
struct World {
    harness: Harness<Threads>,
    token: RefreshToken,
}

impl World {
    fn new() -> Self {
        let grant = Grant {
            client: rp(),
            scope: "openid".parse().expect("a scope"),
            authentication: Authentication {
                user: UserId::from([1; 16]),
                passkey: None,
                at: NOW,
                session: None,
                acr: "phr".into(),
                amr: Vec::new(),
            },
            nonce: None,
            claims: crate::oauth::Claims::default(),
            key: None,
        };
        let lasting = Refreshing::For(HOUR);
        let started = RefreshFamily::start(
            family_id(),
            grant.clone(),
            lasting,
            &SystemRandom::new(),
            NOW,
        );
        let (token, family) = started.expect("as set up");
        let body = AccessToken {
            grant,
            family: family_id(),
        };
        let access = ["one", "two"].map(|id| {
            let new = New::record(row(id), Live, &body).expires_at(NOW.plus(HOUR));
            Change::insert(new.owned_by(family_id().digest().into()))
        });
        let world = Self {
            harness: Harness::new(Arc::new(MemoryStore::new()), Threads),
            token: token.expect("there is one"),
        };
        world.commit(std::iter::once(family).chain(access).collect());
        world
    }

    fn commit(&self, changes: Vec<Change>) {
        let done = self.harness.run(self.harness.store().commit(changes, NOW));
        assert!(matches!(done.expect("the store answers"), Commit::Done(_)));
    }

    fn access(&self, id: &str) -> Option<Stored<AccessToken>> {
        let row = row(id);
        let found = self.harness.run(self.harness.store().find(&row));
        found.expect("the store answers")
    }

    fn family(&self) -> Stored<RefreshFamily> {
        let row = RefreshFamily::row_id(&family_id());
        let found = self.harness.run(self.harness.store().find(&row));
        found.expect("the store answers").expect("it is there")
    }
}

fn family_id() -> FamilyId {
    FamilyId::from([7; 16])
}

fn rp() -> ApplicationId {
    "rp".parse().expect("a name")
}

fn row(id: &str) -> RowId {
    id.parse().expect("a name of a row")
}

#[test]
fn an_access_token_goes_alone() {
    let world = World::new();
    let one = world.access("one").unwrap();
    world.commit(vec![of_access(&one, &rp()).unwrap()]);
    assert_eq!(world.access("one"), None);
    assert!(world.access("two").is_some() && world.family().is_alive(NOW));
}

#[test]
fn a_refresh_token_takes_everything_with_it() {
    let world = World::new();
    let family = world.family();
    world.commit(of_refresh((&family, &world.token), &rp(), NOW).unwrap());
    assert_eq!((world.access("one"), world.access("two")), (None, None));
    assert_eq!(world.family().state, FamilyState::Revoked);
}

#[test]
fn a_stranger_revokes_nothing() {
    let world = World::new();
    let other = "other".parse().unwrap();
    let (one, family) = (world.access("one").unwrap(), world.family());
    assert!(of_access(&one, &other).is_none());
    assert!(of_refresh((&family, &world.token), &other, NOW).is_none());
}

#[test]
fn whoever_knows_a_family_by_name_only_revokes_nothing() {
    let world = World::new();
    let made_up = format!("{}.{}", family_id(), strict_jws::base64::encode(&[0; 32]));
    let pair = (&world.family(), &made_up.parse().unwrap());
    assert!(of_refresh(pair, &rp(), NOW).is_none());
}

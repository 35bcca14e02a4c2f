use std::sync::Arc;

use strict_jws::SystemRandom;

use super::*;
use crate::id::{EvidenceId, UserId, ViewerSecret};
use crate::order::{Outcome, Placement, What};
use crate::seal::{Sealer, SealingKey};
use crate::store::conformance::{Harness, Threads};
use crate::store::{Commit, MemoryStore, StoreExt as _};

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

/// A device that has begun, and somebody who has typed in its code.
struct World {
    harness: Harness<Threads>,
    grant: RowId,
    order: RowId,
}

impl World {
    fn new() -> Self {
        let harness = Harness::new(Arc::new(MemoryStore::new()), Threads);
        let random = SystemRandom::new();
        let scope = "openid".parse().expect("a scope");
        let started = DeviceGrant::start(tv(), scope, &random, NOW).expect("as set up");
        let mut placement = Placement::new(tv(), What::SignIn);
        placement.timeout = DeviceGrant::LIFETIME;
        let sealer = Sealer::new(&SealingKey::new([7; 32]));
        let placed = placement.place(&sealer, &random, NOW).expect("as set up");
        let world = Self {
            grant: DeviceGrant::row_id(&started.device_code),
            order: Order::row_id(&placed.id),
            harness,
        };
        assert!(world.commit(started.changes, NOW));
        let slot = world.find::<Hold>(&started.user_code.row_id());
        assert_eq!(slot.body.record, world.grant);
        let asked = world.grant().ask(browser(1), world.order.clone(), NOW);
        assert!(world.commit(vec![asked.expect("nobody was asked"), placed.change], NOW));
        world
    }

    fn commit(&self, changes: Vec<Change>, now: Instant) -> bool {
        let done = self.harness.run(self.harness.store().commit(changes, now));
        matches!(done.expect("the store answers"), Commit::Done(_))
    }

    fn find<R: Record>(&self, id: &RowId) -> Stored<R> {
        let found = self.harness.run(self.harness.store().find::<R>(id));
        found.expect("the store answers").expect("it is there")
    }

    fn grant(&self) -> Stored<DeviceGrant> {
        self.find(&self.grant)
    }

    fn poll(&self, now: Instant) -> Polled {
        let order = self.find::<Order>(&self.order);
        self.grant().poll(&tv(), Some(&order), now)
    }

    /// What the device is told, once that it has asked is kept.
    fn told(&self, now: Instant) -> Option<ErrorCode> {
        match self.poll(now) {
            Polled::Wait(error, change) => {
                assert!(self.commit(vec![change], now));
                Some(error.code)
            }
            Polled::Refused(error) => Some(error.code),
            Polled::Granted(..) => None,
        }
    }

    fn sign(&self) {
        let secret = viewer(1);
        let order = self.find::<Order>(&self.order);
        assert!(self.commit(
            order.view(Some(&secret), None, NOW).expect("as set up"),
            NOW
        ));
        let outcome = Outcome {
            user: UserId::from([1; 16]),
            passkey: None,
            signed_at: NOW,
            user_verified: true,
            may_be_synced: false,
            evidence: EvidenceId::from([2; 16]),
        };
        let order = self.find::<Order>(&self.order);
        assert!(self.commit(
            order.sign(Some(&secret), outcome, NOW).expect("as set up"),
            NOW
        ));
    }
}

fn tv() -> ApplicationId {
    "tv".parse().expect("a name")
}

fn viewer(number: u8) -> ViewerSecret {
    ViewerSecret::from([number; 32])
}

fn browser(number: u8) -> Digest {
    viewer(number).digest()
}

fn later(seconds: u64) -> Instant {
    NOW.plus(Duration::from_seconds(seconds))
}

#[test]
fn a_device_waits_at_its_pace_and_is_slowed_down() {
    let world = World::new();
    let told = [0, 5, 6, 16].map(|seconds| world.told(later(seconds)));
    let pending = Some(ErrorCode::AuthorizationPending);
    assert_eq!(told, [pending, pending, Some(ErrorCode::SlowDown), pending]);
}

#[test]
fn an_approved_device_gets_its_tokens_once() {
    let world = World::new();
    world.sign();
    let (Polled::Granted(grant, used), Polled::Granted(_, again)) =
        (world.poll(later(1)), world.poll(later(1)))
    else {
        panic!("it is granted");
    };
    assert_eq!(grant.authentication.user, UserId::from([1; 16]));
    assert_eq!((grant.client, grant.authentication.session), (tv(), None));
    assert!(world.commit(vec![used], later(1)));
    assert!(
        !world.commit(vec![again], later(1)),
        "of two polls one gets through"
    );
    assert_eq!(world.told(later(2)), Some(ErrorCode::InvalidGrant));
}

#[test]
fn a_code_is_good_for_its_own_client_only() {
    let world = World::new();
    world.sign();
    let order = world.find::<Order>(&world.order);
    let other = "other".parse().unwrap();
    let polled = world.grant().poll(&other, Some(&order), NOW);
    assert!(matches!(polled, Polled::Refused(INVALID)));
}

#[test]
fn a_user_who_says_no_denies_it() {
    let world = World::new();
    let order = world.find::<Order>(&world.order);
    assert!(world.commit(order.reject(None, NOW).unwrap(), NOW));
    assert_eq!(world.told(later(1)), Some(ErrorCode::AccessDenied));
}

#[test]
fn a_code_expires_asked_or_not() {
    let world = World::new();
    let over = NOW.plus(DeviceGrant::LIFETIME);
    assert_eq!(world.told(over), Some(ErrorCode::ExpiredToken));
    let polled = world.grant().poll(&tv(), None, over);
    assert!(matches!(polled, Polled::Refused(EXPIRED)));
    let asked = world.grant().ask(browser(1), world.order, over);
    assert_eq!(asked.unwrap_err(), DeviceRefusal::Expired);
}

#[test]
fn the_browser_that_took_the_code_keeps_it() {
    let world = World::new();
    let grant = world.grant();
    let order = || world.order.clone();
    let other = grant.ask(browser(2), order(), NOW);
    assert_eq!(other.unwrap_err(), DeviceRefusal::Taken);
    assert!(world.commit(vec![grant.ask(browser(1), order(), NOW).unwrap()], NOW));
}

#[test]
fn what_is_kept_of_a_device_holds_neither_of_its_codes() {
    let started = DeviceGrant::start(tv(), Scope::default(), &SystemRandom::new(), NOW).unwrap();
    let shown = format!("{:?}", started.changes);
    let code = started.user_code.to_string();
    assert!(!shown.contains(&code) && !shown.contains(&*started.device_code.expose()));
    assert_eq!(format!("{:?}", started.user_code), "UserCode([redacted])");
}

//! Each step from each state, and to the millisecond.

use strict_jws::SystemRandom;

use super::*;
use crate::order::{OrderError, Placed, Placement, What, advance};
use crate::seal::{Sealer, SealingKey};
use crate::store::MemoryStore;
use crate::store::conformance::{Harness, Threads};

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

fn later(seconds: u64) -> Instant {
    NOW.plus(Duration::from_seconds(seconds))
}

fn application(name: &str) -> ApplicationId {
    name.parse().unwrap()
}

fn sealer() -> Sealer {
    Sealer::new(&SealingKey::new([7; 32]))
}

struct World {
    harness: Harness<Threads>,
    placed: Placed,
}

type Step<'a> = dyn Fn(&Stored<Order>) -> Result<Vec<Change>, Refusal> + Send + Sync + 'a;

impl World {
    fn with(placement: Placement) -> Self {
        let harness = Harness::new(std::sync::Arc::new(MemoryStore::new()), Threads);
        let placed = placement
            .place(&sealer(), &SystemRandom::new(), NOW)
            .unwrap();
        let commit = harness.store().commit(vec![placed.change.clone()], NOW);
        harness.run(commit).unwrap();
        Self { harness, placed }
    }

    fn new() -> Self {
        Self::with(Placement::new(application("demo"), What::SignIn))
    }

    fn step(&self, now: Instant, step: &Step<'_>) -> Result<Stored<Order>, Refusal> {
        let advance = advance(self.harness.store(), &self.placed.id, now, step);
        self.harness.run(advance).map_err(|error| match error {
            OrderError::Refused(refusal) => refusal,
            OrderError::Store(error) => panic!("{error}"),
        })
    }

    fn view(&self, viewer: Option<&ViewerSecret>, now: Instant) -> Result<Stored<Order>, Refusal> {
        self.step(now, &|order| order.view(viewer, None, now))
    }

    fn sign(&self, viewer: Option<&ViewerSecret>, now: Instant) -> Result<Stored<Order>, Refusal> {
        self.step(now, &|order| order.sign(viewer, outcome(now), now))
    }

    fn collect(&self, name: &str, now: Instant) -> Result<Stored<Order>, Refusal> {
        self.step(now, &|order| order.collect(&application(name), now))
    }
}

fn outcome(now: Instant) -> Outcome {
    Outcome {
        user: UserId::from([1; 16]),
        passkey: None,
        signed_at: now,
        user_verified: true,
        may_be_synced: false,
        evidence: EvidenceId::from([2; 16]),
    }
}

#[test]
fn an_order_is_viewed_signed_and_collected_once() {
    let world = World::new();
    assert_eq!(world.view(None, NOW).unwrap().status(NOW), Status::Viewed);
    assert_eq!(
        world.sign(None, NOW).unwrap().body.outcome,
        Some(outcome(NOW))
    );
    assert_eq!(
        world.collect("demo", NOW).unwrap().status(NOW),
        Status::Collected
    );
    assert_eq!(
        world.collect("demo", NOW).unwrap_err(),
        Refusal::Status(Status::Collected)
    );
    assert_eq!(
        world.sign(None, NOW).unwrap_err(),
        Refusal::Status(Status::Collected)
    );
}

#[test]
fn what_nobody_has_seen_is_not_signed_or_collected() {
    let world = World::new();
    assert_eq!(
        world.sign(None, NOW).unwrap_err(),
        Refusal::Status(Status::Pending)
    );
    assert_eq!(
        world.collect("demo", NOW).unwrap_err(),
        Refusal::Status(Status::Pending)
    );
    world.view(None, NOW).unwrap();
    assert_eq!(
        world.collect("demo", NOW).unwrap_err(),
        Refusal::Status(Status::Viewed)
    );
}

#[test]
fn expiry_is_exact_to_the_millisecond_when_viewing_and_signing() {
    let (last, over) = (later(300).minus(Duration::from_millis(1)), later(300));
    let expired = Refusal::Status(Status::Expired);
    let world = World::new();
    assert_eq!(world.view(None, over).unwrap_err(), expired);
    world.view(None, last).unwrap();
    assert_eq!(world.sign(None, over).unwrap_err(), expired);
    world.sign(None, last).unwrap();
}

#[test]
fn a_signed_order_is_collected_within_its_own_grace_period() {
    let signed = later(299);
    let over = signed.plus(Duration::from_seconds(300));
    let world = World::new();
    world.view(None, signed).unwrap();
    world.sign(None, signed).unwrap();
    let expired = Refusal::Status(Status::Expired);
    assert_eq!(world.collect("demo", over).unwrap_err(), expired);
    world
        .collect("demo", over.minus(Duration::from_millis(1)))
        .unwrap();
}

#[test]
fn what_is_over_stays_over_when_the_clock_goes_back() {
    let world = World::new();
    let early = NOW.minus(Duration::from_seconds(3600));
    world.step(NOW, &|order| order.reject(None, NOW)).unwrap();
    for now in [early, NOW, later(3600)] {
        let refusal = world.view(None, now).unwrap_err();
        assert_eq!(refusal, Refusal::Status(Status::Rejected));
    }
    let world = World::new();
    let order = world.view(None, early).unwrap();
    assert_eq!(order.age(early), Duration::default());
}

#[test]
fn the_first_page_that_views_an_order_keeps_it() {
    let world = World::new();
    let (first, second) = (ViewerSecret::from([1; 32]), ViewerSecret::from([2; 32]));
    let viewed = world.view(Some(&first), NOW).unwrap();
    assert_eq!(world.view(Some(&first), NOW).unwrap(), viewed);
    for other in [None, Some(&second)] {
        assert_eq!(world.view(other, NOW).unwrap_err(), Refusal::AnotherViewer);
        assert_eq!(world.sign(other, NOW).unwrap_err(), Refusal::AnotherViewer);
        let rejected = world.step(NOW, &|order| order.reject(other, NOW));
        assert_eq!(rejected.unwrap_err(), Refusal::AnotherViewer);
    }
    world.sign(Some(&first), NOW).unwrap();
}

#[test]
fn another_application_is_told_that_there_is_no_such_order() {
    let world = World::new();
    world.view(None, NOW).unwrap();
    world.sign(None, NOW).unwrap();
    assert_eq!(world.collect("other", NOW).unwrap_err(), Refusal::Unknown);
    let cancelled = world.step(NOW, &|order| order.cancel(&application("other"), NOW));
    assert_eq!(cancelled.unwrap_err(), Refusal::Unknown);
    world.collect("demo", NOW).unwrap();
}

#[test]
fn an_unknown_order_does_not_advance() {
    let world = World::new();
    let stranger = crate::id::OrderId::from([9; 16]);
    let advance = advance(world.harness.store(), &stranger, NOW, |_| Ok(Vec::new()));
    let error = world.harness.run(advance).unwrap_err();
    assert!(matches!(error, OrderError::Refused(Refusal::Unknown)));
}

#[test]
fn whoever_sees_another_number_does_not_get_to_see_the_order() {
    let number = |text: &str| Some(text.parse().unwrap());
    let mut placement = Placement::new(application("demo"), What::SignIn);
    placement.number = number("42");
    let world = World::with(placement);
    for wrong in [None, number("24")] {
        let viewed = world.step(NOW, &|order| order.view(None, wrong, NOW));
        assert_eq!(viewed.unwrap_err(), Refusal::WrongNumber);
    }
    world
        .step(NOW, &|order| order.view(None, number("42"), NOW))
        .unwrap();
}

#[test]
fn an_order_that_was_given_up_leads_nowhere() {
    type Give = fn(&Stored<Order>) -> Result<Vec<Change>, Refusal>;
    let cases: [(Give, Status); 2] = [
        (|order| order.reject(None, NOW), Status::Rejected),
        (
            |order| order.cancel(&application("demo"), NOW),
            Status::Cancelled,
        ),
    ];
    for (give_up, status) in cases {
        for seen in [false, true] {
            let world = World::new();
            if seen {
                world.view(None, NOW).unwrap();
            }
            assert_eq!(world.step(NOW, &give_up).unwrap().status(NOW), status);
            let refusal = Refusal::Status(status);
            assert_eq!(world.view(None, NOW).unwrap_err(), refusal);
            assert_eq!(world.sign(None, NOW).unwrap_err(), refusal);
            assert_eq!(world.collect("demo", NOW).unwrap_err(), refusal);
            assert_eq!(world.step(NOW, &give_up).unwrap_err(), refusal);
        }
    }
}

#[test]
fn final_is_what_nothing_can_become_of() {
    let all = [
        (Status::Pending, false),
        (Status::Viewed, false),
        (Status::Signed, false),
        (Status::Collected, true),
        (Status::Rejected, true),
        (Status::Cancelled, true),
        (Status::Expired, true),
    ];
    for (status, is_final) in all {
        assert_eq!(status.is_final(), is_final, "{}", status.name());
    }
}

#[test]
fn a_row_tells_neither_the_identifier_nor_the_secret() {
    let world = World::new();
    let row_id = Order::row_id(&world.placed.id);
    let row = world.harness.run(
        world
            .harness
            .store()
            .get(crate::store::Kind::Order, &row_id),
    );
    let row = row.unwrap().unwrap();
    let text = format!("{} {}", row.id, row.body);
    assert!(!text.contains(&world.placed.id.to_string()));
    assert!(!text.contains(world.placed.secret.expose().as_str()));
    let opened = world.placed.order.open_secret(&sealer()).unwrap();
    assert_eq!(opened.expose_bytes(), world.placed.secret.expose_bytes());
}

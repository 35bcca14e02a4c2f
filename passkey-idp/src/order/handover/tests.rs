//! From one device to another: who may look, who may answer, and what a guess costs.

use strict_jws::SystemRandom;

use super::*;
use crate::Duration;
use crate::id::{EvidenceId, UserId};
use crate::order::{OrderError, Outcome, Placed, Placement, What, advance};
use crate::qr::{bankid, uyulala};
use crate::seal::{Sealer, SealingKey};
use crate::store::MemoryStore;
use crate::store::conformance::{Harness, Threads};

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

struct World {
    harness: Harness<Threads>,
    placed: Placed,
    desktop: ViewerSecret,
    phone: ViewerSecret,
}

type Step<'a> = dyn Fn(&Stored<Order>) -> Result<Vec<Change>, Refusal> + Send + Sync + 'a;

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

impl World {
    fn placed(change: impl FnOnce(&mut Placement)) -> Self {
        let harness = Harness::new(std::sync::Arc::new(MemoryStore::new()), Threads);
        let mut placement = Placement::new("demo".parse().unwrap(), What::SignIn);
        change(&mut placement);
        let sealer = Sealer::new(&SealingKey::new([7; 32]));
        let placed = placement.place(&sealer, &SystemRandom::new(), NOW).unwrap();
        let commit = harness.store().commit(vec![placed.change.clone()], NOW);
        harness.run(commit).unwrap();
        Self {
            harness,
            placed,
            desktop: ViewerSecret::from([1; 32]),
            phone: ViewerSecret::from([2; 32]),
        }
    }

    /// The desktop shows codes and the number 42.
    fn waiting() -> Self {
        let world = Self::placed(|_| {});
        world.step(&|order| order.view(Some(&world.desktop), None, NOW));
        world.step(&|order| order.hand_over(&world.desktop, number("42"), NOW));
        world
    }

    fn attempt(&self, step: &Step<'_>) -> Result<Stored<Order>, Refusal> {
        let advance = advance(self.harness.store(), &self.placed.id, NOW, step);
        self.harness.run(advance).map_err(|error| match error {
            OrderError::Refused(refusal) => refusal,
            OrderError::Store(error) => panic!("{error}"),
        })
    }

    fn step(&self, step: &Step<'_>) -> Stored<Order> {
        self.attempt(step).expect("the step is taken")
    }

    fn order(&self) -> Stored<Order> {
        self.step(&|_| Ok(Vec::new()))
    }

    fn code(&self, age: u64) -> String {
        let age = Duration::from_seconds(age);
        uyulala::frame(&self.placed.id, &self.placed.secret, age)
    }

    fn guest(&self, viewer: &ViewerSecret) -> Guest {
        let code = self.code(0);
        let frame = Frame::parse(&code).unwrap();
        let scanned = self.order().scan(&frame, &self.placed.secret, viewer, NOW);
        scanned.expect("a fresh code")
    }

    fn open(&self, viewer: &ViewerSecret, text: &str) -> Result<Stored<Order>, Refusal> {
        let guest = self.guest(viewer);
        self.attempt(&|order| order.open(&guest, Some(number(text)), NOW))
    }
}

fn outcome() -> Outcome {
    Outcome {
        user: UserId::from([1; 16]),
        passkey: None,
        signed_at: NOW,
        user_verified: true,
        may_be_synced: false,
        evidence: EvidenceId::from([2; 16]),
    }
}

#[test]
fn the_device_that_scans_and_types_the_number_signs_and_the_page_that_waits_has_the_answer() {
    let world = World::waiting();
    assert_eq!(world.order().status(NOW), Status::Pending);
    let opened = world.open(&world.phone, "42").unwrap();
    assert_eq!(opened.status(NOW), Status::Viewed);
    for stranger in [None, Some(&world.desktop)] {
        let signed = world.attempt(&|order| order.sign(stranger, outcome(), NOW));
        assert_eq!(signed.unwrap_err(), Refusal::AnotherViewer);
    }
    let signed = world.step(&|order| order.sign(Some(&world.phone), outcome(), NOW));
    assert_eq!(signed.status(NOW), Status::Signed);
    assert!(signed.body.answers_to(&world.desktop));
    assert!(!signed.body.answers_to(&world.phone));
}

#[test]
fn nobody_opens_an_order_that_waits_by_its_address() {
    let world = World::waiting();
    for stranger in [None, Some(&world.phone)] {
        let viewed = world.attempt(&|order| order.view(stranger, None, NOW));
        assert_eq!(viewed.unwrap_err(), Refusal::WrongNumber);
        let rejected = world.attempt(&|order| order.reject(stranger, NOW));
        assert_eq!(rejected.unwrap_err(), Refusal::AnotherViewer);
        let signed = world.attempt(&|order| order.sign(stranger, outcome(), NOW));
        assert_eq!(signed.unwrap_err(), Refusal::Status(Status::Pending));
    }
    let over = world.attempt(&|order| order.hand_over(&world.phone, number("42"), NOW));
    assert_eq!(over.unwrap_err(), Refusal::AnotherViewer);
}

#[test]
fn a_page_that_waits_goes_on_by_itself_or_gives_up() {
    let world = World::waiting();
    let again = world.step(&|order| order.hand_over(&world.desktop, number("17"), NOW));
    assert_eq!(
        again.body.wanted_number(),
        Some(number("42")),
        "a reload shows the same number"
    );
    let back = world.step(&|order| order.view(Some(&world.desktop), None, NOW));
    assert!(back.body.is_viewed_by(&world.desktop));
    assert_eq!(back.body.handover, None);
    let late = world.open(&world.phone, "42");
    assert_eq!(late.unwrap_err(), Refusal::AnotherViewer);

    let world = World::waiting();
    world.open(&world.phone, "42").unwrap();
    let over = world.step(&|order| order.reject(Some(&world.desktop), NOW));
    assert_eq!(over.status(NOW), Status::Rejected);
}

#[test]
fn a_second_device_comes_too_late() {
    let world = World::waiting();
    world.open(&world.phone, "42").unwrap();
    let other = ViewerSecret::from([3; 32]);
    let second = world.open(&other, "42").unwrap_err();
    assert_eq!(second, Refusal::AnotherViewer);
    let guest = world.guest(&other);
    let declined = world.attempt(&|order| order.decline(&guest, NOW));
    assert_eq!(declined.unwrap_err(), Refusal::AnotherViewer);
    let again = world.open(&world.phone, "99").unwrap();
    assert_eq!(again.status(NOW), Status::Viewed, "it is open already");
}

#[test]
fn wrong_numbers_are_counted_and_the_third_rejects_the_order() {
    let world = World::waiting();
    for (wrong, status) in [
        ("24", Status::Pending),
        ("43", Status::Pending),
        ("00", Status::Rejected),
    ] {
        let order = world.open(&world.phone, wrong).unwrap();
        assert_eq!(order.status(NOW), status);
    }
    let right = world.open(&world.phone, "42").unwrap_err();
    assert_eq!(right, Refusal::Status(Status::Rejected));
}

#[test]
fn a_guest_without_a_number_neither_opens_nor_counts() {
    let world = World::waiting();
    let guest = world.guest(&world.phone);
    let opened = world.attempt(&|order| order.open(&guest, None, NOW));
    assert_eq!(opened.unwrap_err(), Refusal::WrongNumber);
    assert_eq!(world.order().body.wrong_numbers, 0);
}

#[test]
fn of_a_hundred_guesses_at_once_three_count() {
    for right in 0..4 {
        let world = World::waiting();
        let told =
            world.harness.race(|at| {
                let guess = number(&format!("{:02}", (at + 42 - right * 7) % 100));
                let guest = world.guest(&world.phone);
                let (store, id) = (world.harness.store(), &world.placed.id);
                async move {
                    advance(store, id, NOW, |order| order.open(&guest, Some(guess), NOW)).await
                }
            });
        let order = world.order();
        let viewed = order.status(NOW) == Status::Viewed;
        let counted = usize::from(order.body.wrong_numbers);
        assert!(counted <= usize::from(MOST_WRONG_NUMBERS));
        assert!(viewed || order.status(NOW) == Status::Rejected);
        let first = told.iter().filter(|told| told.is_ok()).count();
        assert!(first >= counted, "{first} {counted}");
        assert_eq!(
            usize::try_from(order.version),
            Ok(3 + counted + usize::from(viewed))
        );
    }
}

#[test]
fn old_future_and_foreign_codes_make_no_guest() {
    let world = World::waiting();
    let other = World::waiting();
    let scan = |code: &str, seconds: u64| {
        let now = NOW.plus(Duration::from_seconds(seconds));
        let frame = Frame::parse(code)?;
        let order = world.order();
        order
            .scan(&frame, &world.placed.secret, &world.phone, now)
            .map(drop)
    };
    assert_eq!(scan(&world.code(60), 65), Ok(()));
    assert_eq!(scan(&world.code(60), 66), Err(qr::Refusal::Old));
    assert_eq!(scan(&world.code(60), 54), Err(qr::Refusal::Future));
    assert_eq!(scan(&other.code(60), 60), Err(qr::Refusal::Foreign));
    assert_eq!(scan("bankid.x.1.0", 60), Err(qr::Refusal::Malformed));
    let start = bankid::start_secret(&world.placed.secret);
    let token = bankid::start_token(&world.placed.id);
    let code = bankid::frame(&token, &start, Duration::from_seconds(60));
    assert_eq!(scan(&code, 61), Ok(()));
}

#[test]
fn a_ticket_is_good_for_its_browser_and_its_order() {
    let (world, other) = (World::waiting(), World::waiting());
    let guest = world.guest(&world.phone);
    let (order, secret) = (world.order(), &world.placed.secret);
    let again = order.readmit(guest.ticket(), secret, &world.phone);
    assert_eq!(again, Some(guest.clone()));
    assert_eq!(order.readmit(guest.ticket(), secret, &world.desktop), None);
    let elsewhere = other.order();
    let readmitted = elsewhere.readmit(guest.ticket(), &other.placed.secret, &world.phone);
    assert_eq!(readmitted, None);
    let opened = elsewhere.open(&guest, Some(number("42")), NOW);
    assert_eq!(opened.unwrap_err(), Refusal::Unknown);
    let declined = elsewhere.decline(&guest, NOW);
    assert_eq!(declined.unwrap_err(), Refusal::Unknown);
}

#[test]
fn an_order_that_is_opened_with_a_code_is_opened_with_nothing_else() {
    let world = World::placed(|placement| placement.entrance = Entrance::Code);
    let viewed = world.attempt(&|order| order.view(Some(&world.phone), None, NOW));
    assert_eq!(viewed.unwrap_err(), Refusal::NeedsCode);
    let over = world.attempt(&|order| order.hand_over(&world.desktop, number("42"), NOW));
    assert_eq!(over.unwrap_err(), Refusal::NeedsCode);
    let guest = world.guest(&world.phone);
    let opened = world.step(&|order| order.open(&guest, None, NOW));
    assert!(opened.body.is_viewed_by(&world.phone));
}

#[test]
fn an_applications_own_number_is_asked_for_too() {
    let world = World::placed(|placement| placement.number = Some(number("17")));
    let waits = world.step(&|order| order.hand_over(&world.desktop, number("42"), NOW));
    assert_eq!(waits.body.wanted_number(), Some(number("17")));
    assert_eq!(
        world.open(&world.phone, "17").unwrap().status(NOW),
        Status::Viewed
    );
}

#[test]
fn a_guest_may_decline_what_it_was_not_shown() {
    let world = World::waiting();
    let guest = world.guest(&world.phone);
    let declined = world.step(&|order| order.decline(&guest, NOW));
    assert_eq!(declined.status(NOW), Status::Rejected);
}

#[test]
fn an_order_that_an_api_views_is_not_taken_from_it() {
    let world = World::placed(|_| {});
    world.step(&|order| order.view(None, None, NOW));
    let over = world.attempt(&|order| order.hand_over(&world.desktop, number("42"), NOW));
    assert_eq!(over.unwrap_err(), Refusal::AnotherViewer);
}

#[test]
fn who_was_sent_to_the_page_that_waits_hands_over_and_who_filmed_a_code_does_not() {
    let world = World::placed(|placement| placement.entrance = Entrance::Code);
    let filmed = world.guest(&world.phone);
    let over = world.attempt(&|order| order.hand_over_by(&filmed, number("42"), NOW));
    assert_eq!(over.unwrap_err(), Refusal::NeedsCode);
    let token = uyulala::persistent(&world.placed.id, &world.placed.secret);
    let frame = Frame::parse(&token).unwrap();
    let order = world.order();
    let sent = order.scan(&frame, &world.placed.secret, &world.desktop, NOW);
    let sent = sent.expect("it does not age");
    for _reload in 0..2 {
        let waits = world.step(&|order| order.hand_over_by(&sent, number("42"), NOW));
        assert!(waits.body.is_waited_for_by(&world.desktop));
    }
    let again = order.readmit(sent.ticket(), &world.placed.secret, &world.desktop);
    let again = again.expect("a ticket");
    let waits = world.step(&|order| order.hand_over_by(&again, number("42"), NOW));
    assert!(waits.body.is_waited_for_by(&world.desktop));
    let opened = world.open(&world.phone, "42").unwrap();
    assert!(opened.body.is_viewed_by(&world.phone));
}

#[test]
fn who_shows_tokens_to_an_api_is_a_viewer_where_nothing_but_a_code_opens_the_order() {
    let world = World::placed(|placement| placement.entrance = Entrance::Code);
    let secret = &world.placed.secret;
    let bearer = world.order().body.bearer(secret).expect("a viewer");
    let guest = world.guest(&bearer);
    world.step(&|order| order.open(&guest, None, NOW));
    for stranger in [None, Some(&world.phone)] {
        let viewed = world.attempt(&|order| order.view(stranger, None, NOW));
        assert_eq!(viewed.unwrap_err(), Refusal::AnotherViewer);
        let signed = world.attempt(&|order| order.sign(stranger, outcome(), NOW));
        assert_eq!(signed.unwrap_err(), Refusal::AnotherViewer);
    }
    world.step(&|order| order.sign(Some(&bearer), outcome(), NOW));
    let open = World::placed(|_| {});
    let bearer = open.order().body.bearer(&open.placed.secret);
    assert!(bearer.is_none(), "anybody views it by its address");
}

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::json;
use strict_jws::{SystemRandom, base64};

use super::*;
use crate::application::ApplicationId;
use crate::delivery::Sealing;
use crate::id::{EvidenceId, OrderId, OrderSecret, UserId, ViewerSecret};
use crate::order::{MediaType, Number, Order, Outcome};
use crate::qr::{self, Frame, bankid as codec};
use crate::seal::{Sealer, SealingKey};
use crate::store::conformance::{Harness, Threads};
use crate::store::{Change, Commit, MemoryStore, New, StoreExt as _, Stored};
use crate::user::{User, UserState};
use crate::{Duration, Instant};

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

struct World {
    harness: Harness<Threads>,
    sealer: Sealer,
}

impl World {
    fn new() -> Self {
        let world = Self {
            harness: Harness::new(Arc::new(MemoryStore::new()), Threads),
            sealer: Sealer::new(&SealingKey::new([7; 32])),
        };
        let user = User::new(kim(), "Kim");
        let new = New::record(User::row_id(&user.id), UserState::Active, &user);
        assert!(world.commit(vec![Change::insert(new)], NOW).is_none());
        world
    }

    /// At which change it was refused.
    fn commit(&self, changes: Vec<Change>, now: Instant) -> Option<usize> {
        let done = self.harness.run(self.harness.store().commit(changes, now));
        match done.expect("the store answers") {
            Commit::Done(_) => None,
            Commit::Refused { at } => Some(at),
        }
    }

    fn told(&self, call: Call, body: &str) -> Told {
        let wanted = Wanted::read(call, body.as_bytes()).expect("it may be asked for");
        let random = SystemRandom::new();
        let sealing = Sealing {
            sealer: &self.sealer,
            random: &random,
        };
        let told = wanted.place(&rp("rp"), None, sealing, NOW);
        told.expect("there are random numbers")
    }

    fn placed(&self, body: &str) -> Told {
        let mut told = self.told(Call::Auth, body);
        let changes = std::mem::take(&mut told.changes);
        assert_eq!(self.commit(changes, NOW), None);
        told
    }

    fn order(&self, told: &Told) -> Stored<Order> {
        let row = Order::row_id(told.order_ref.order());
        let found = self.harness.run(self.harness.store().find::<Order>(&row));
        found.expect("the store answers").expect("it is there")
    }

    fn step(
        &self,
        told: &Told,
        decide: impl FnOnce(&Stored<Order>) -> Result<Vec<Change>, crate::order::Refusal>,
    ) {
        let changes = decide(&self.order(told)).expect("the step is allowed");
        assert_eq!(self.commit(changes, NOW), None);
    }

    fn open(&self, told: &Told, viewer: &ViewerSecret) {
        let secret = OrderSecret::from(*told.placed.secret.expose_bytes());
        let frame = Frame::parse(&told.auto_start_token).expect("a frame");
        let guest = self.order(told).scan(&frame, &secret, viewer, NOW);
        let guest = guest.expect("the token is the order's");
        self.step(told, |order| order.open(&guest, None, NOW));
    }

    fn stands(&self, told: &Told, now: Instant) -> Result<(&'static str, &'static str), Refusal> {
        Ok(match collect(&self.order(told), &rp("rp"), now)? {
            Collected::Pending(hint) => ("pending", hint.code()),
            Collected::Failed(hint) => ("failed", hint.code()),
            Collected::Complete(changes) => {
                assert_eq!(self.commit(changes, now), None);
                ("complete", "")
            }
        })
    }
}

fn rp(name: &str) -> ApplicationId {
    name.parse().expect("a name")
}

fn user(seed: u8) -> UserId {
    UserId::from([seed; 16])
}

/// Kim, who is there.
fn kim() -> UserId {
    user(1)
}

fn outcome() -> Outcome {
    let evidence = EvidenceId::from([2; 16]);
    let outcome = json!({
        "user": kim(), "signed_at": NOW, "user_verified": true, "evidence": evidence,
    });
    serde_json::from_value(outcome).expect("an outcome")
}

fn later(seconds: u64) -> Instant {
    NOW.plus(Duration::from_seconds(seconds))
}

const ANYBODY: &str = r#"{"endUserIp":"192.0.2.1"}"#;
const KIM: &str =
    r#"{"endUserIp":"192.0.2.1","requirement":{"personalNumber":"AQEBAQEBAQEBAQEBAQEBAQ"}}"#;

#[test]
fn an_order_goes_by_hints_to_complete_and_is_told_once() {
    let (world, page) = (World::new(), ViewerSecret::from([1; 32]));
    let told = world.placed(ANYBODY);
    assert_eq!(
        world.stands(&told, NOW),
        Ok(("pending", "outstandingTransaction"))
    );
    world.open(&told, &page);
    assert_eq!(world.stands(&told, NOW), Ok(("pending", "userSign")));
    world.step(&told, |order| order.sign(Some(&page), outcome(), NOW));
    assert_eq!(world.stands(&told, NOW), Ok(("complete", "")));
    let gone = world.stands(&told, NOW).unwrap_err();
    assert_eq!(gone.to_string(), "invalidParameters: No such order");
}

#[test]
fn an_order_that_waits_for_another_device_is_started() {
    let (world, page) = (World::new(), ViewerSecret::from([1; 32]));
    let told = world.placed(ANYBODY);
    world.open(&told, &page);
    let number = Number::generate(&SystemRandom::new()).unwrap();
    world.step(&told, |order| order.hand_over(&page, number, NOW));
    assert_eq!(world.stands(&told, NOW), Ok(("pending", "started")));
}

#[test]
fn an_order_fails_with_the_hint_that_tells_why() {
    let page = ViewerSecret::from([1; 32]);
    let ends = |ended: &dyn Fn(&World, &Told), now| {
        let world = World::new();
        let told = world.placed(ANYBODY);
        ended(&world, &told);
        world.stands(&told, now)
    };
    let cancelled = |world: &World, told: &Told| {
        world.step(told, |order| order.cancel(&rp("rp"), NOW));
    };
    let opened = |world: &World, told: &Told| world.open(told, &page);
    let refused = |world: &World, told: &Told| {
        world.open(told, &page);
        world.step(told, |order| order.reject(Some(&page), NOW));
    };
    assert_eq!(
        ends(&|_, _| {}, later(179)),
        Ok(("pending", "outstandingTransaction"))
    );
    assert_eq!(ends(&|_, _| {}, later(180)), Ok(("failed", "startFailed")));
    assert_eq!(
        ends(&opened, later(180)),
        Ok(("failed", "expiredTransaction"))
    );
    assert_eq!(ends(&refused, NOW), Ok(("failed", "userCancel")));
    assert_eq!(ends(&cancelled, NOW), Ok(("failed", "cancelled")));
}

#[test]
fn a_signed_order_that_is_collected_too_late_has_expired() {
    let (world, page) = (World::new(), ViewerSecret::from([1; 32]));
    let told = world.placed(ANYBODY);
    world.open(&told, &page);
    world.step(&told, |order| order.sign(Some(&page), outcome(), NOW));
    assert_eq!(
        world.stands(&told, later(300)),
        Ok(("failed", "expiredTransaction"))
    );
}

#[test]
fn another_relying_partys_order_is_none() {
    let world = World::new();
    let order = world.order(&world.placed(ANYBODY));
    let refused = collect(&order, &rp("other"), NOW).unwrap_err();
    assert_eq!(refused.code, ErrorCode::InvalidParameters);
    assert_eq!(refused.details, "No such order");
}

#[test]
fn a_user_who_is_asked_already_is_asked_nothing_else_and_that_ends() {
    let world = World::new();
    let first = world.placed(KIM);
    let second = world.told(Call::Auth, KIM).changes;
    assert_eq!(world.commit(second.clone(), NOW), Some(Told::SLOT));
    let ended = |name: &str| {
        let (party, user) = (rp(name), kim());
        let ended = end(world.harness.store(), &party, &user, NOW);
        world.harness.run(ended).unwrap()
    };
    assert!(!ended("other"), "another relying party ends nothing");
    assert!(ended("rp"));
    assert_eq!(world.stands(&first, NOW), Ok(("failed", "cancelled")));
    assert_eq!(world.commit(second, NOW), None);
}

#[test]
fn a_user_whose_order_is_over_may_be_asked_again() {
    let (world, page) = (World::new(), ViewerSecret::from([1; 32]));
    let told = world.placed(KIM);
    world.open(&told, &page);
    world.step(&told, |order| order.sign(Some(&page), outcome(), NOW));
    let (party, user) = (rp("rp"), kim());
    let ended = end(world.harness.store(), &party, &user, NOW);
    assert!(!world.harness.run(ended).unwrap());
    assert_eq!(world.stands(&told, NOW), Ok(("complete", "")));
    world.placed(KIM);
}

#[test]
fn of_64_orders_for_a_user_at_once_one_is_placed() {
    let world = World::new();
    let orders: Vec<_> = (0..64)
        .map(|_| world.told(Call::Auth, KIM).changes)
        .collect();
    let placed = world.harness.race(|number| {
        let (store, changes) = (world.harness.store(), orders[number].clone());
        async move { matches!(store.commit(changes, NOW).await, Ok(Commit::Done(_))) }
    });
    assert_eq!(placed.into_iter().filter(|placed| *placed).count(), 1);
}

#[test]
fn nobody_is_asked_who_is_not_there() {
    let world = World::new();
    let nobody = KIM.replace("AQEBAQEBAQEBAQEBAQEBAQ", &user(2).to_string());
    let changes = world.told(Call::Auth, &nobody).changes;
    assert_eq!(world.commit(changes, NOW), Some(Told::USER));
}

#[test]
fn an_order_is_not_opened_by_what_its_qr_code_tells_everybody() {
    let world = World::new();
    let told = world.placed(ANYBODY);
    let page = ViewerSecret::from([1; 32]);
    assert_eq!(told.qr_start_token, told.order_ref.order().to_string());
    let refused = world.order(&told).view(Some(&page), None, NOW);
    assert_eq!(refused.unwrap_err(), crate::order::Refusal::NeedsCode);
}

#[test]
fn an_old_a_future_and_a_foreign_frame_open_no_order() {
    let world = World::new();
    let (told, other) = (world.placed(ANYBODY), world.placed(ANYBODY));
    let (order, page) = (world.order(&told), ViewerSecret::from([1; 32]));
    let scan = |start: &str, made: u64, now: Instant| {
        let start = start.parse().unwrap();
        let token = told.qr_start_token.parse().unwrap();
        let text = codec::frame(&token, &start, Duration::from_seconds(made));
        let secret = OrderSecret::from(*told.placed.secret.expose_bytes());
        let scanned = order.scan(&Frame::parse(&text)?, &secret, &page, now);
        scanned.map(drop)
    };
    let own = told.qr_start_secret.as_str();
    assert_eq!(scan(own, 60, later(60)), Ok(()));
    assert_eq!(scan(own, 60, later(66)), Err(qr::Refusal::Old));
    assert_eq!(scan(own, 60, later(58)), Err(qr::Refusal::Future));
    let foreign = other.qr_start_secret.as_str();
    assert_eq!(scan(foreign, 60, later(60)), Err(qr::Refusal::Foreign));
    let orders_own = told.placed.secret.expose();
    assert_eq!(scan(&orders_own, 60, later(60)), Err(qr::Refusal::Foreign));
}

#[test]
fn what_is_asked_is_what_is_shown_and_signed_by_a_verified_user() {
    let world = World::new();
    let text = base64::encode_padded("# Köp\n\n* **bröd**".as_bytes());
    let body = format!(
        r#"{{"endUserIp":"2001:db8::1","userVisibleData":"{text}","userNonVisibleData":"AQID",
            "userVisibleDataFormat":"simpleMarkdownV1","requirement":{{"pinCode":true}}}}"#
    );
    let order = world.told(Call::Sign, &body).placed.order;
    let document = order.document().unwrap();
    assert_eq!(document.text(), "# Köp\n\n* **bröd**");
    assert_eq!(document.data(), Some(&[1, 2, 3][..]));
    assert_eq!(document.media_type(), MediaType::Markdown);
    assert_eq!(
        order.user_verification,
        crate::order::UserVerification::Required
    );
}

fn is_refused(call: Call, body: &str) {
    let refused = Wanted::read(call, body.as_bytes()).map_err(|refusal| refusal.code);
    let invalid = Some(ErrorCode::InvalidParameters);
    assert_eq!(refused.err(), invalid, "{call:?} {body}");
}

#[test]
fn sign_ins_that_ask_for_something_else_are_refused() {
    for body in ["", "[]", "{}", r#"{"endUserIp":"localhost"}"#] {
        is_refused(Call::Auth, body);
    }
    for more in [
        r#""unknown":1"#,
        r#""personalNumber":"AQEBAQEBAQEBAQEBAQEBAQ""#,
        r#""callInitiator":"user""#,
        r#""requirement":{"personalNumber":"197001010000"}"#,
        r#""requirement":{"mrtd":true}"#,
        r#""requirement":{"cardReader":"class1"}"#,
        r#""returnRisk":true"#,
        r#""userNonVisibleData":"AQID""#,
        r#""userVisibleDataFormat":"simpleMarkdownV1""#,
    ] {
        is_refused(
            Call::Auth,
            &format!(r#"{{"endUserIp":"192.0.2.1",{more}}}"#),
        );
    }
}

#[test]
fn nothing_is_signed_that_cannot_be_shown() {
    let long = base64::encode_padded("a".repeat(30_001).as_bytes());
    for data in ["", "not base64", "gICA", "ICAg", "AAAA", &long] {
        let body = format!(r#"{{"endUserIp":"192.0.2.1","userVisibleData":"{data}"}}"#);
        is_refused(Call::Sign, &body);
    }
    let html =
        r#"{"endUserIp":"192.0.2.1","userVisibleData":"YQ==","userVisibleDataFormat":"html"}"#;
    is_refused(Call::Sign, html);
}

#[test]
fn a_call_names_its_user_and_who_has_called() {
    for (call, body) in [
        (Call::PhoneAuth, r#"{"callInitiator":"user"}"#),
        (
            Call::PhoneAuth,
            r#"{"personalNumber":"AQEBAQEBAQEBAQEBAQEBAQ"}"#,
        ),
        (
            Call::PhoneAuth,
            r#"{"personalNumber":"AQEBAQEBAQEBAQEBAQEBAQ","callInitiator":"me"}"#,
        ),
        (
            Call::PhoneSign,
            r#"{"personalNumber":"AQEBAQEBAQEBAQEBAQEBAQ","callInitiator":"RP"}"#,
        ),
    ] {
        is_refused(call, body);
    }
}

#[test]
fn whoever_is_on_the_telephone_is_somebody_in_particular() {
    let body = r#"{"personalNumber":"AQEBAQEBAQEBAQEBAQEBAQ","callInitiator":"RP","userVisibleData":"YQ=="}"#;
    let wanted = Wanted::read(Call::PhoneSign, body.as_bytes()).unwrap();
    assert_eq!(wanted.user, Some(kim()));
    assert!(wanted.call.is_phone());
}

proptest! {
    #[test]
    fn an_order_ref_is_a_uuid_and_leads_back(octets: [u8; 16]) {
        let reference = OrderRef::from(OrderId::from(octets));
        let text = reference.to_string();
        prop_assert_eq!(text.len(), 36);
        prop_assert_eq!(text.parse(), Ok(reference));
        let braced = ["{", &text, "}"].concat();
        prop_assert!(braced.parse::<OrderRef>().is_err());
        let bare = text.replace('-', "");
        prop_assert!(bare.parse::<OrderRef>().is_err());
    }
}

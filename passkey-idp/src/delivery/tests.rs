use std::sync::Arc;

use strict_jws::SystemRandom;

use super::*;
use crate::seal::{Sealer, SealingKey};
use crate::store::conformance::{Harness, Threads};
use crate::store::{Commit, MemoryStore, StoreExt as _, Stored};

const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

struct World {
    harness: Harness<Threads>,
    sealer: Sealer,
    id: RowId,
}

impl World {
    fn new() -> Self {
        let world = Self {
            harness: Harness::new(Arc::new(MemoryStore::new()), Threads),
            sealer: Sealer::new(&SealingKey::new([7; 32])),
            id: "m".parse().expect("a name of a row"),
        };
        let message = Message::json(r#"{"auth_req_id":"a"}"#, "bearer");
        let (application, endpoint) = parties();
        let random = SystemRandom::new();
        let sealing = Sealing {
            sealer: &world.sealer,
            random: &random,
        };
        let delivery = Delivery::new(application, endpoint, &message, sealing);
        let change = delivery.expect("sealed").insert(&world.id, NOW);
        assert!(world.commit(change, NOW));
        world
    }

    fn commit(&self, change: Change, now: Instant) -> bool {
        let done = self
            .harness
            .run(self.harness.store().commit(vec![change], now));
        matches!(done.expect("the store answers"), Commit::Done(_))
    }

    fn find(&self) -> Option<Stored<Delivery>> {
        let found = self.harness.store().find::<Delivery>(&self.id);
        self.harness.run(found).expect("the store answers")
    }

    fn stored(&self) -> Stored<Delivery> {
        self.find().expect("it is there")
    }
}

fn parties() -> (ApplicationId, Endpoint) {
    let application = "rp".parse().expect("a name");
    let endpoint = "https://rp.example/ciba".parse().expect("an endpoint");
    (application, endpoint)
}

fn later(seconds: u64) -> Instant {
    NOW.plus(Duration::from_seconds(seconds))
}

#[test]
fn one_of_64_instances_sends_a_message() {
    let world = World::new();
    let stored = world.stored();
    let won = world.harness.race(|_| {
        let (store, change) = (world.harness.store(), stored.claim(NOW));
        async move {
            let commit = store.commit(change.into_iter().collect(), NOW).await;
            matches!(commit, Ok(Commit::Done(_)))
        }
    });
    assert_eq!(won.into_iter().filter(|won| *won).count(), 1);
}

#[test]
fn a_message_of_an_instance_that_died_is_sent_by_another_when_its_lease_ends() {
    let world = World::new();
    assert!(world.commit(world.stored().claim(NOW).unwrap(), NOW));
    assert!(world.stored().claim(later(29)).is_none());
    assert!(world.commit(world.stored().claim(later(30)).unwrap(), later(30)));
    assert_eq!(world.stored().body.attempts, 2);
}

#[test]
fn a_message_is_tried_a_bounded_number_of_times_with_growing_pauses() {
    let world = World::new();
    let (mut now, mut pauses) = (NOW, Vec::new());
    while let Some(stored) = world.find() {
        now = now.max(stored.body.due);
        assert!(world.commit(stored.claim(now).unwrap(), now));
        assert!(world.commit(world.stored().settle(Answer::Failed, now), now));
        pauses.extend(
            world
                .find()
                .map(|left| left.body.due.since(now).as_seconds()),
        );
    }
    assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 128]);
}

#[test]
fn a_message_that_was_taken_or_refused_is_forgotten() {
    for answer in [Answer::Taken, Answer::Refused] {
        let world = World::new();
        assert!(world.commit(world.stored().claim(NOW).unwrap(), NOW));
        assert!(world.commit(world.stored().settle(answer, NOW), NOW));
        assert_eq!(world.find(), None);
    }
}

#[test]
fn a_redirect_is_no_success_and_not_followed() {
    for (status, answer) in [
        (200, Answer::Taken),
        (204, Answer::Taken),
        (301, Answer::Refused),
        (307, Answer::Refused),
        (400, Answer::Refused),
        (401, Answer::Refused),
        (429, Answer::Failed),
        (503, Answer::Failed),
    ] {
        assert_eq!(Answer::of_status(status), answer, "{status}");
    }
}

#[test]
fn a_message_that_awaits_an_answer_is_sent_when_it_is_known_what_it_says() {
    let world = World::new();
    let (application, endpoint) = parties();
    let id: RowId = "awaiting".parse().unwrap();
    let waiting = Delivery::awaiting(application, endpoint, "order".parse().unwrap());
    assert!(world.commit(waiting.insert(&id, NOW), NOW));
    let find = || {
        let found = world.harness.store().find::<Delivery>(&id);
        world.harness.run(found).unwrap().unwrap()
    };
    assert!(find().claim(NOW).is_none());
    let message = Message::json("{}", "bearer");
    let random = SystemRandom::new();
    let sealing = Sealing {
        sealer: &world.sealer,
        random: &random,
    };
    let before = find();
    assert!(world.commit(before.ready(&message, sealing).unwrap(), NOW));
    assert!(!world.commit(before.ready(&message, sealing).unwrap(), NOW));
    let sealed = find().body.message.unwrap();
    assert_eq!(Message::open(&sealed, &world.sealer), Ok(message));
    assert!(find().claim(NOW).is_some());
}

#[test]
fn what_is_kept_of_a_message_tells_neither_its_token_nor_its_body() {
    let world = World::new();
    let text = serde_json::to_string(&world.stored().body).unwrap();
    assert!(!text.contains("auth_req_id") && !text.contains("bearer"));
    let message = Message::json("{\"secret\":1}", "token");
    assert_eq!(
        format!("{message:?}"),
        "Message { content_type: \"application/json\", .. }"
    );
}

#[test]
fn a_message_is_given_up_after_an_hour() {
    let world = World::new();
    assert!(world.stored().claim(later(3599)).is_some());
    assert!(world.stored().claim(later(3600)).is_none());
}

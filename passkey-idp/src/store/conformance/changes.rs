//! One caller at a time.

use super::{Drive, Harness, Sample, SampleState, at, row_id};
use crate::Instant;
use crate::store::{Change, Commit, Kind, Live, New, Record, Set, StoreExt as _, Where};

/// A row has the version 1 and all that it was given.
pub fn rows_come_back_as_they_were(harness: &Harness<impl Drive>) {
    let new = New::record(row_id("a"), SampleState::Open, &Sample { body: 7 })
        .owned_by(row_id("owner"))
        .expires_at(at(100))
        .purge_at(at(200));
    let made = harness
        .apply(Change::insert(new), at(3))
        .expect("the id is free");
    let found = harness.find(&row_id("a")).expect("it is there");
    assert_eq!(found, made);
    assert_eq!(found.owner, Some(row_id("owner")));
    assert_eq!((found.state, found.version), (SampleState::Open, 1));
    assert_eq!((found.created_at, found.changed_at), (at(3), at(3)));
    assert_eq!(
        (found.expires_at, found.body),
        (at(100), Sample { body: 7 })
    );
    let row = harness.run(harness.store().get(Kind::Order, &row_id("a")));
    assert_eq!(
        row.expect("the store answers").map(|row| row.purge_at),
        Some(at(200))
    );

    let lasting = New::record(row_id("b"), SampleState::Open, &Sample { body: u64::MAX });
    let made = harness
        .apply(Change::insert(lasting), at(0))
        .expect("the id is free");
    assert_eq!(
        (made.expires_at, made.body.body),
        (Instant::NEVER, u64::MAX)
    );
    assert_eq!(harness.find(&row_id("c")), None);
}

/// Nobody inserts what is there, expired or not.
pub fn an_id_is_taken_once(harness: &Harness<impl Drive>) {
    let first = harness.put("a", SampleState::Open, 1);
    for now in [at(0), at(100), at(1000)] {
        let again = New::record(row_id("a"), SampleState::Done, &Sample { body: 2 });
        assert_eq!(harness.apply(Change::insert(again), now), None);
    }
    assert_eq!(harness.find(&row_id("a")), Some(first));
    harness.put("A", SampleState::Open, 1);
}

/// A claim on what is still of use is refused; what has expired is replaced altogether.
pub fn a_claim_replaces_what_has_expired_and_nothing_else(harness: &Harness<impl Drive>) {
    let claim = |body, until| {
        let new = New::record(row_id("a"), SampleState::Taken, &Sample { body });
        Change::claim(new.expires_at(at(until)))
    };
    assert!(harness.apply(claim(1, 100), at(0)).is_some());
    assert_eq!(harness.apply(claim(2, 200), at(99)), None);
    let replaced = harness
        .apply(claim(3, 200), at(100))
        .expect("it has expired");
    assert_eq!((replaced.version, replaced.body.body), (1, 3));
    assert_eq!(
        (replaced.created_at, replaced.expires_at),
        (at(100), at(200))
    );
    assert_eq!(harness.find(&row_id("a")), Some(replaced));
    assert_eq!(harness.apply(claim(4, 300), at(150)), None);
}

/// An update whose condition does not hold changes nothing.
pub fn an_update_asks_for_state_version_and_expiry(harness: &Harness<impl Drive>) {
    let before = harness.put("a", SampleState::Open, 1);
    let which = || Where::<Sample>::id(row_id("a"));
    let wrong = [
        (
            which().state_in(&[SampleState::Taken, SampleState::Done]),
            at(1),
        ),
        (which().version(2), at(1)),
        (which().state_in(&[SampleState::Open]), at(100)),
        (Where::id(row_id("b")), at(1)),
    ];
    for (which, now) in wrong {
        let change = Change::update(which, Set::state(SampleState::Done));
        assert_eq!(harness.apply(change, now), None);
        assert_eq!(harness.find(&row_id("a")), Some(before.clone()));
    }
    let right = which()
        .state_in(&[SampleState::Taken, SampleState::Open])
        .version(1);
    let change = Change::update(
        right,
        Set::state(SampleState::Taken).body(&Sample { body: 2 }),
    );
    let after = harness.apply(change, at(99)).expect("the condition holds");
    assert_eq!((after.state, after.version), (SampleState::Taken, 2));
    assert_eq!((after.created_at, after.changed_at), (at(0), at(99)));
    assert_eq!(harness.find(&row_id("a")), Some(after));
}

/// What a patch does not name stays.
pub fn an_update_leaves_what_it_does_not_name(harness: &Harness<impl Drive>) {
    harness.put("a", SampleState::Open, 1);
    let update = |set| Change::update(Where::<Sample>::id(row_id("a")).even_if_expired(), set);
    let row = harness.apply(update(Set::state(SampleState::Taken)), at(1));
    let row = row.expect("it is there");
    assert_eq!((row.body.body, row.expires_at), (1, at(100)));
    let row = harness.apply(update(Set::body_only(&Sample { body: 5 })), at(2));
    let row = row.expect("it is there");
    assert_eq!((row.state, row.body.body), (SampleState::Taken, 5));
    let later = Set::state(SampleState::Done)
        .expires_at(at(500))
        .purge_at(at(600));
    let row = harness
        .apply(update(later), at(300))
        .expect("it may have expired");
    assert_eq!(
        (row.expires_at, row.body.body, row.version),
        (at(500), 5, 4)
    );
}

/// At `expires_at` a row has expired, one millisecond before it has not.
pub fn expiry_is_exact_to_the_millisecond(harness: &Harness<impl Drive>) {
    harness.put("a", SampleState::Open, 1);
    let update = || {
        Change::update(
            Where::<Sample>::id(row_id("a")),
            Set::state(SampleState::Open),
        )
    };
    assert_eq!(harness.apply(update(), at(100)), None);
    assert!(harness.apply(update(), at(99)).is_some());
    let found = harness.find(&row_id("a")).expect("expired rows are found");
    assert!(found.has_expired(at(100)));
    assert!(!found.has_expired(at(99)));
}

/// A row is deleted if the condition holds, and returned as it stood.
pub fn a_delete_asks_for_the_same(harness: &Harness<impl Drive>) {
    let before = harness.put("a", SampleState::Open, 1);
    let which = || Where::<Sample>::id(row_id("a"));
    for which in [which().version(9), which().state_in(&[SampleState::Done])] {
        assert_eq!(harness.apply(Change::delete(which), at(0)), None);
    }
    assert_eq!(harness.apply(Change::delete(which()), at(100)), None);
    let deleted = harness.apply(Change::delete(which().even_if_expired()), at(100));
    assert_eq!(deleted, Some(before));
    assert_eq!(harness.find(&row_id("a")), None);
    harness.put("a", SampleState::Open, 2);
}

/// If one of three cannot be made, none is.
pub fn a_list_of_changes_is_made_as_a_whole_or_not_at_all(harness: &Harness<impl Drive>) {
    let before = harness.put("a", SampleState::Open, 1);
    let insert = |id| {
        Change::insert(New::record(
            row_id(id),
            SampleState::Open,
            &Sample { body: 2 },
        ))
    };
    let update = || {
        Change::update(
            Where::<Sample>::id(row_id("a")),
            Set::state(SampleState::Taken),
        )
    };
    let refused = harness.commit(vec![insert("b"), update(), insert("a")], at(1));
    assert_eq!(refused, Commit::Refused { at: 2 });
    assert_eq!(harness.find(&row_id("a")), Some(before));
    assert_eq!(harness.find(&row_id("b")), None);

    let Commit::Done(rows) = harness.commit(vec![insert("b"), update(), insert("c")], at(1)) else {
        unreachable!("nothing stands in the way");
    };
    let ids: Vec<_> = rows.iter().map(|row| row.id.as_str()).collect();
    assert_eq!(ids, ["b", "a", "c"]);
    assert_eq!(harness.commit(Vec::new(), at(1)), Commit::Done(Vec::new()));
}

/// What a refused list replaced, deleted and changed twice stands as before.
pub fn a_refused_list_gives_back_what_it_replaced_and_deleted(harness: &Harness<impl Drive>) {
    let owner = row_id("owner");
    let owned = New::record(row_id("o"), SampleState::Open, &Sample { body: 9 });
    harness.apply(Change::insert(owned.owned_by(owner.clone())), at(0));
    let ids = ["a", "b", "c", "o"].map(row_id);
    for id in ["a", "b", "c"] {
        harness.put(id, SampleState::Open, 1);
    }
    let before = ids.each_ref().map(|id| harness.find(id));
    let update = || {
        Change::update(
            Where::<Sample>::id(row_id("c")),
            Set::state(SampleState::Done),
        )
    };
    let claim = New::record(row_id("a"), SampleState::Done, &Sample { body: 3 });
    let changes = vec![
        update(),
        update(),
        Change::delete(Where::<Sample>::id(row_id("b"))),
        Change::delete_owned::<Sample>(owner),
        Change::insert(New::record(
            row_id("b"),
            SampleState::Done,
            &Sample { body: 3 },
        )),
        Change::claim(claim),
    ];
    assert_eq!(harness.commit(changes, at(1)), Commit::Refused { at: 5 });
    assert_eq!(ids.each_ref().map(|id| harness.find(id)), before);
}

/// The second change finds the row in the state into which the first has put it.
pub fn changes_see_what_those_before_them_did(harness: &Harness<impl Drive>) {
    let id = || Where::<Sample>::id(row_id("a"));
    let changes = vec![
        Change::insert(New::record(
            row_id("a"),
            SampleState::Open,
            &Sample { body: 1 },
        )),
        Change::update(id().version(1), Set::state(SampleState::Taken)),
        Change::update(
            id().state_in(&[SampleState::Taken]).version(2),
            Set::state(SampleState::Done),
        ),
    ];
    assert!(matches!(harness.commit(changes, at(1)), Commit::Done(_)));
    let found = harness.find(&row_id("a")).expect("it is there");
    assert_eq!((found.state, found.version), (SampleState::Done, 3));
}

/// A requirement that holds leaves even the version; one that does not refuses the rest.
pub fn a_requirement_changes_nothing(harness: &Harness<impl Drive>) {
    let before = harness.put("a", SampleState::Open, 1);
    let require = |state| Change::require(Where::<Sample>::id(row_id("a")).state_in(&[state]));
    let insert = || {
        Change::insert(New::record(
            row_id("b"),
            SampleState::Open,
            &Sample { body: 2 },
        ))
    };
    let refused = harness.commit(vec![require(SampleState::Done), insert()], at(1));
    assert_eq!(refused, Commit::Refused { at: 0 });
    assert_eq!(harness.find(&row_id("b")), None);
    let done = harness.commit(vec![require(SampleState::Open), insert()], at(1));
    assert!(matches!(done, Commit::Done(rows) if rows.len() == 2));
    assert_eq!(harness.find(&row_id("a")), Some(before));
}

/// Deleting what an owner has leaves what others have, and finds nothing the second time.
pub fn all_of_an_owner_goes_at_once(harness: &Harness<impl Drive>) {
    for (id, owner) in [("a", "x"), ("b", "y"), ("c", "x")] {
        let new = New::record(row_id(id), SampleState::Open, &Sample { body: 1 });
        harness.apply(Change::insert(new.owned_by(row_id(owner))), at(0));
    }
    harness.put("d", SampleState::Open, 1);
    for _ in 0..2 {
        let done = harness.commit(vec![Change::delete_owned::<Sample>(row_id("x"))], at(1));
        assert_eq!(done, Commit::Done(Vec::new()));
    }
    let left = ["a", "b", "c", "d"].map(|id| harness.find(&row_id(id)).is_some());
    assert_eq!(left, [false, true, false, true]);
}

/// The same id may stand in two kinds.
pub fn kinds_do_not_mix(harness: &Harness<impl Drive>) {
    #[derive(serde::Serialize, serde::Deserialize)]
    struct Other;
    impl Record for Other {
        const KIND: Kind = Kind::Slot;
        type State = Live;
    }
    harness.put("a", SampleState::Open, 1);
    let other = New::record(row_id("a"), Live, &Other);
    let inserted = harness.run(harness.store().insert(other, at(0)));
    assert!(inserted.expect("the store answers").is_some());
    let deleted = harness.commit(vec![Change::delete(Where::<Other>::id(row_id("a")))], at(0));
    assert!(matches!(deleted, Commit::Done(_)));
    assert!(harness.find(&row_id("a")).is_some());
}

/// Bodies hold whatever JSON holds.
pub fn odd_text_survives(harness: &Harness<impl Drive>) {
    #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Text(String);
    impl Record for Text {
        const KIND: Kind = Kind::Slot;
        type State = Live;
    }
    let odd = [
        "",
        "'; DROP TABLE orders; --",
        "\0\u{1}\u{7f}",
        "å\u{202e}\u{1f511}\\\"",
        &"x".repeat(100_000),
    ];
    for (number, text) in odd.into_iter().enumerate() {
        let (id, text) = (row_id(&number.to_string()), Text(text.to_owned()));
        let made = harness.run(
            harness
                .store()
                .insert(New::record(id.clone(), Live, &text), at(0)),
        );
        assert!(made.expect("the store answers").is_some());
        let found = harness
            .run(harness.store().find::<Text>(&id))
            .expect("the store answers");
        assert_eq!(found.map(|found| found.body), Some(text));
    }
}

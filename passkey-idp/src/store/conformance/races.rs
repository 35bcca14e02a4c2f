//! 64 callers at once.

use super::{Drive, Harness, RUNNERS, Sample, SampleState, at, row_id};
use crate::store::{Change, Commit, New, Set, StoreExt as _, Stored, Where};

fn winners(
    harness: &Harness<impl Drive>,
    change: impl Fn(u64) -> Change + Sync,
) -> Vec<Stored<Sample>> {
    let store = harness.store();
    let attempts = harness.race(|number| {
        let change = change(number.try_into().expect("numbers are small"));
        async move { store.apply(change, at(1)).await.expect("the store answers") }
    });
    attempts.into_iter().flatten().collect()
}

/// One inserts the row, and it is the one that stands.
pub fn of_64_inserts_one_wins(harness: &Harness<impl Drive>) {
    let won = winners(harness, |body| {
        Change::insert(New::record(
            row_id("a"),
            SampleState::Open,
            &Sample { body },
        ))
    });
    assert_eq!(won.len(), 1);
    assert_eq!(harness.find(&row_id("a")), won.into_iter().next());
}

/// One takes over the name of what has expired.
pub fn of_64_claims_of_an_expired_name_one_wins(harness: &Harness<impl Drive>) {
    let old = New::record(row_id("a"), SampleState::Open, &Sample { body: 99 }).expires_at(at(1));
    harness.apply(Change::insert(old), at(0));
    let won = winners(harness, |body| {
        Change::claim(New::record(
            row_id("a"),
            SampleState::Open,
            &Sample { body },
        ))
    });
    assert_eq!(won.len(), 1);
    assert_eq!(harness.find(&row_id("a")), won.into_iter().next());
}

/// One makes the transition, and its body stands.
pub fn of_64_transitions_one_wins(harness: &Harness<impl Drive>) {
    harness.put("a", SampleState::Open, 99);
    let won = winners(harness, |body| {
        let which = Where::<Sample>::id(row_id("a")).state_in(&[SampleState::Open]);
        Change::update(which, Set::state(SampleState::Taken).body(&Sample { body }))
    });
    assert_eq!(won.len(), 1);
    assert_eq!(harness.find(&row_id("a")), won.into_iter().next());
}

/// One deletes the row.
pub fn of_64_deletes_one_wins(harness: &Harness<impl Drive>) {
    let row = harness.put("a", SampleState::Open, 99);
    let won = winners(harness, |_| {
        Change::delete(Where::<Sample>::id(row_id("a")))
    });
    assert_eq!(won, [row]);
    assert_eq!(harness.find(&row_id("a")), None);
}

/// Of transitions into two states and a deletion, one wins.
pub fn of_64_different_transitions_one_wins(harness: &Harness<impl Drive>) {
    harness.put("a", SampleState::Open, 99);
    let won = winners(harness, |number| {
        let which = Where::<Sample>::id(row_id("a")).state_in(&[SampleState::Open]);
        match number % 3 {
            0 => Change::update(which, Set::state(SampleState::Taken)),
            1 => Change::update(which, Set::state(SampleState::Done)),
            _ => Change::delete(which),
        }
    });
    assert_eq!(won.len(), 1);
}

/// 64 callers read, add one, and try again if someone else was faster: the sum is 64.
pub fn no_increment_is_lost(harness: &Harness<impl Drive>) {
    harness.put("a", SampleState::Open, 0);
    let store = harness.store();
    harness.race(|_| async move {
        for _ in 0..RUNNERS {
            let found = store
                .find::<Sample>(&row_id("a"))
                .await
                .expect("the store answers");
            let found = found.expect("it is there");
            let which = Where::<Sample>::id(row_id("a")).version(found.version);
            let set = Set::body_only(&Sample {
                body: found.body.body + 1,
            });
            let swapped = store
                .update(which, set, at(1))
                .await
                .expect("the store answers");
            if swapped.is_some() {
                return;
            }
        }
        unreachable!("each lost attempt is another's success");
    });
    assert_eq!(
        harness.find(&row_id("a")).map(|found| found.body.body),
        Some(64)
    );
}

/// Two rows that change together are never seen, or left, in different states.
pub fn two_rows_never_part(harness: &Harness<impl Drive>) {
    harness.put("a", SampleState::Open, 0);
    harness.put("b", SampleState::Open, 0);
    let store = harness.store();
    let done = harness.race(|number| async move {
        let swap = |id| {
            let which = Where::<Sample>::id(row_id(id)).state_in(&[SampleState::Open]);
            Change::update(which, Set::state(SampleState::Taken))
        };
        // Half of them in the other order, which is where a store may deadlock.
        let ids = if number % 2 == 0 {
            ["a", "b"]
        } else {
            ["b", "a"]
        };
        let commit = store.commit(ids.map(swap).to_vec(), at(1)).await;
        matches!(commit.expect("the store answers"), Commit::Done(_))
    });
    assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
    let states = ["a", "b"].map(|id| {
        harness
            .find(&row_id(id))
            .map(|row| (row.state, row.version))
    });
    assert_eq!(states, [Some((SampleState::Taken, 2)); 2]);
}

//! Waiting for a change.

use super::{Drive, Harness, Sample, SampleState, at, row_id};
use crate::store::{Change, Kind, Set, Where};

/// A watch that began before a change ends by it.
pub fn who_watches_is_told(harness: &Harness<impl Drive>) {
    harness.put("a", SampleState::Open, 1);
    let watch = harness.store().watch(Kind::Order, &row_id("a"));
    let which = Where::<Sample>::id(row_id("a"));
    let changed = harness.apply(Change::update(which, Set::state(SampleState::Taken)), at(1));
    assert!(changed.is_some());
    harness.run(watch);
}

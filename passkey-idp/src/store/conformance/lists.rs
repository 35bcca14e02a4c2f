//! Lists and sweeps.

use super::{Drive, Harness, Sample, SampleState, at, row_id};
use crate::store::{Change, List, New, Page, PageSize, RowId, StoreExt as _};

fn fill(harness: &Harness<impl Drive>, count: u64) {
    let rows = (0..count).map(|number| {
        let owner = row_id(if number % 2 == 0 { "even" } else { "odd" });
        let id = row_id(&format!("{number:03}"));
        let new = New::record(id, SampleState::Open, &Sample { body: number }).owned_by(owner);
        Change::insert(new.expires_at(at(number)))
    });
    harness.commit(rows.collect(), at(0));
}

fn pages(harness: &Harness<impl Drive>, list: List<'_>) -> Vec<Vec<u64>> {
    let mut pages = Vec::new();
    let mut after: Option<RowId> = None;
    loop {
        let list = list.after(after.as_ref());
        let page: Page<Sample> = harness
            .run(harness.store().page(list))
            .expect("the store answers");
        pages.push(page.items.iter().map(|item| item.body.body).collect());
        assert!(pages.len() < 100, "the list ends");
        match page.next {
            Some(next) => after = Some(next),
            None => return pages,
        }
    }
}

/// Every row is in one page, in the order of the ids, forwards and backwards.
pub fn pages_follow_each_other_without_gaps(harness: &Harness<impl Drive>) {
    let list = || List::of::<Sample>().limit(PageSize::nearest(3));
    assert_eq!(pages(harness, list()), [[0_u64; 0]]);
    fill(harness, 7);
    assert_eq!(
        pages(harness, list()),
        [vec![0, 1, 2], vec![3, 4, 5], vec![6]]
    );
    assert_eq!(
        pages(harness, list().reversed()),
        [vec![6, 5, 4], vec![3, 2, 1], vec![0]]
    );
}

/// Whose rows they are is respected by every page.
pub fn lists_of_an_owner_hold_theirs_only(harness: &Harness<impl Drive>) {
    fill(harness, 9);
    let (even, nobody) = (row_id("even"), row_id("nobody"));
    let list = |owner| {
        List::of::<Sample>()
            .owned_by(owner)
            .limit(PageSize::nearest(2))
    };
    assert_eq!(
        pages(harness, list(&even)),
        [vec![0, 2], vec![4, 6], vec![8]]
    );
    assert_eq!(
        pages(harness, list(&even).reversed()),
        [vec![8, 6], vec![4, 2], vec![0]]
    );
    assert_eq!(pages(harness, list(&nobody)), [[0_u64; 0]]);
}

/// A sweep deletes what may be swept, at most as many as it is told, and nothing else.
pub fn a_sweep_takes_what_is_due_and_no_more(harness: &Harness<impl Drive>) {
    fill(harness, 10);
    let kept = New::record(row_id("kept"), SampleState::Open, &Sample { body: 99 });
    harness.apply(
        Change::insert(kept.expires_at(at(1)).purge_at(at(50))),
        at(0),
    );
    let sweep = |now, limit| {
        harness
            .run(harness.store().sweep(now, limit))
            .expect("it answers")
    };
    assert_eq!(sweep(at(4), 3), 3);
    assert_eq!(sweep(at(4), 3), 2);
    assert_eq!(sweep(at(4), 3), 0);
    let left = pages(harness, List::of::<Sample>());
    assert_eq!(left, [vec![5, 6, 7, 8, 9, 99]]);
    assert_eq!(sweep(at(1000), 100), 6);
}

//! What every [`Store`] must do, whatever lies behind it.
//!
//! A store's tests make a [`Harness`] around an empty store and name it in [`store_conformance!`],
//! which makes a test of each case:
//!
//! ```ignore
//! fn harness() -> Harness<Threads> {
//!     Harness::new(Arc::new(MemoryStore::new()), Threads)
//! }
//!
//! passkey_idp::store_conformance!(harness());
//! ```
//!
//! [`store_conformance!`]: crate::store_conformance

mod changes;
mod lists;
mod races;
mod watches;

use std::fmt;
use std::pin::{Pin, pin};
use std::sync::{Arc, Barrier};
use std::task::{Context, Wake, Waker};
use std::thread::{self, Thread};

use serde::{Deserialize, Serialize};

pub use self::{changes::*, lists::*, races::*, watches::*};
use super::{Change, Commit, Kind, New, Record, RowId, State, Store, StoreExt as _, Stored};
use crate::{Duration, Instant};

/// Drives futures to their end: the runtime that the store needs.
pub trait Drive: Sync {
    /// Blocks until `job` is done. Called from many threads at once.
    fn drive(&self, job: Pin<Box<dyn Future<Output = ()> + Send + '_>>);
}

/// Drives futures on the thread that asks: for stores that need no runtime.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to it")]
pub struct Threads;

impl Drive for Threads {
    fn drive(&self, job: Pin<Box<dyn Future<Output = ()> + Send + '_>>) {
        struct Unpark(Thread);
        impl Wake for Unpark {
            fn wake(self: Arc<Self>) {
                self.0.unpark();
            }
        }
        let waker = Waker::from(Arc::new(Unpark(thread::current())));
        let mut job = pin!(job);
        let mut context = Context::from_waker(&waker);
        while job.as_mut().poll(&mut context).is_pending() {
            thread::park();
        }
    }
}

/// An empty store, and what drives it.
pub struct Harness<D> {
    store: Arc<dyn Store>,
    driver: D,
}

impl<D: Drive> Harness<D> {
    /// Around an empty store.
    pub fn new(store: Arc<dyn Store>, driver: D) -> Self {
        Self { store, driver }
    }

    /// The store.
    pub fn store(&self) -> &dyn Store {
        &*self.store
    }

    /// What `job` comes to.
    pub fn run<T: Send>(&self, job: impl Future<Output = T> + Send) -> T {
        let mut answer = None;
        let place = &mut answer;
        self.driver
            .drive(Box::pin(async move { *place = Some(job.await) }));
        answer.expect("the driver drives to the end")
    }

    /// What `job` comes to on 64 threads that begin at once; it is told their numbers.
    pub fn race<T, F>(&self, job: impl Fn(usize) -> F + Sync) -> Vec<T>
    where
        T: Send,
        F: Future<Output = T> + Send,
    {
        let barrier = Barrier::new(RUNNERS);
        thread::scope(|scope| {
            let runner = |number| {
                let (barrier, job) = (&barrier, &job);
                scope.spawn(move || {
                    barrier.wait();
                    self.run(job(number))
                })
            };
            let runners: Vec<_> = (0..RUNNERS).map(runner).collect();
            let joined = runners.into_iter().map(thread::ScopedJoinHandle::join);
            joined.map(|done| done.expect("no runner panics")).collect()
        })
    }

    fn commit(&self, changes: Vec<Change>, now: Instant) -> Commit {
        let committed = self.run(self.store.commit(changes, now));
        committed.expect("the store answers")
    }

    fn find(&self, id: &RowId) -> Option<Stored<Sample>> {
        self.run(self.store.find(id)).expect("the store answers")
    }

    fn apply(&self, change: Change, now: Instant) -> Option<Stored<Sample>> {
        self.run(self.store.apply(change, now))
            .expect("the store answers")
    }

    fn put(&self, id: &str, state: SampleState, body: u64) -> Stored<Sample> {
        let new = New::record(row_id(id), state, &Sample { body }).expires_at(at(100));
        self.apply(Change::insert(new), at(0))
            .expect("the id is free")
    }
}

impl<D> fmt::Debug for Harness<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Harness")
            .field("store", &self.store)
            .finish_non_exhaustive()
    }
}

/// How many run at once.
pub const RUNNERS: usize = 64;

/// A record for these cases. It borrows the name of another kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Sample {
    body: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SampleState {
    Open,
    Taken,
    Done,
}

impl State for SampleState {
    const ALL: &'static [Self] = &[Self::Open, Self::Taken, Self::Done];

    fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Taken => "taken",
            Self::Done => "done",
        }
    }
}

impl Record for Sample {
    const KIND: Kind = Kind::Order;
    type State = SampleState;
}

fn row_id(text: &str) -> RowId {
    text.parse().expect("it is a name")
}

/// That many milliseconds after the beginning of these cases.
fn at(millis: u64) -> Instant {
    Instant::from_unix_seconds(1_800_000_000).plus(Duration::from_millis(millis))
}

/// Runs every case on harnesses that `harness` makes anew, one after the other: for databases that
/// are too dear to be started for each test.
pub fn all<D: Drive>(harness: impl Fn() -> Harness<D>) {
    macro_rules! run {
        ($($case:ident,)+) => {
            $($case(&harness());)+
        };
    }
    crate::with_store_cases!(run!());
}

/// Makes a test of each case of `store::conformance`, on the harness that `$harness` makes anew.
#[macro_export]
macro_rules! store_conformance {
    ($harness:expr) => {
        $crate::with_store_cases!($crate::store_conformance!(@cases $harness;));
    };
    (@cases $harness:expr; $($case:ident,)+) => {
        $(
            #[test]
            fn $case() {
                $crate::store::conformance::$case(&$harness);
            }
        )+
    };
}

/// Hands the names of all cases to another macro.
#[doc(hidden)]
#[macro_export]
macro_rules! with_store_cases {
    ($($callback:tt)::+ ! ($($before:tt)*)) => {
        $($callback)::+! { $($before)*
            rows_come_back_as_they_were,
            an_id_is_taken_once,
            a_claim_replaces_what_has_expired_and_nothing_else,
            an_update_asks_for_state_version_and_expiry,
            an_update_leaves_what_it_does_not_name,
            expiry_is_exact_to_the_millisecond,
            a_delete_asks_for_the_same,
            a_list_of_changes_is_made_as_a_whole_or_not_at_all,
            a_refused_list_gives_back_what_it_replaced_and_deleted,
            changes_see_what_those_before_them_did,
            a_requirement_changes_nothing,
            all_of_an_owner_goes_at_once,
            kinds_do_not_mix,
            odd_text_survives,
            pages_follow_each_other_without_gaps,
            lists_of_an_owner_hold_theirs_only,
            a_sweep_takes_what_is_due_and_no_more,
            of_64_inserts_one_wins,
            of_64_claims_of_an_expired_name_one_wins,
            of_64_transitions_one_wins,
            of_64_deletes_one_wins,
            of_64_different_transitions_one_wins,
            no_increment_is_lost,
            two_rows_never_part,
            who_watches_is_told,
        }
    };
}

//! What must hold of orders on every store, whatever is done to them and by how many at once.
//!
//! A store's tests call [`follow`], [`race`] and [`pass_on`] with acts that a property test makes up.

mod passing;

pub use passing::{Pass, pass_on};

use strict_jws::SystemRandom;

use super::{Order, OrderError, Outcome, Placed, Placement, Refusal, Status, What, advance};
use crate::application::ApplicationId;
use crate::id::{EvidenceId, UserId};
use crate::seal::{Sealer, SealingKey};
use crate::store::conformance::{Drive, Harness};
use crate::store::{Change, StoreExt as _, Stored};
use crate::{Duration, Instant};

/// What someone does to an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the state machine is closed")]
pub enum Act {
    /// A page shows it.
    View,
    /// The user approves.
    Sign,
    /// The user refuses.
    Reject,
    /// The application takes it back.
    Cancel,
    /// The application collects.
    Collect,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 5] = [
        Self::View,
        Self::Sign,
        Self::Reject,
        Self::Cancel,
        Self::Collect,
    ];

    fn decide(self, order: &Stored<Order>, now: Instant) -> Result<Vec<Change>, Refusal> {
        match self {
            Self::View => order.view(None, None, now),
            Self::Sign => order.sign(None, outcome(now), now),
            Self::Reject => order.reject(None, now),
            Self::Cancel => order.cancel(&application(), now),
            Self::Collect => order.collect(&application(), now),
        }
    }

    /// Where it leads from `status`.
    fn leads(self, status: Status) -> Option<Status> {
        use Status::{Cancelled, Collected, Pending, Rejected, Signed, Viewed};
        match (self, status) {
            (Self::View, Pending | Viewed) => Some(Viewed),
            (Self::Sign, Viewed) => Some(Signed),
            (Self::Reject, Pending | Viewed) => Some(Rejected),
            (Self::Cancel, Pending | Viewed) => Some(Cancelled),
            (Self::Collect, Signed) => Some(Collected),
            _ => None,
        }
    }
}

/// One after another, each after a wait in milliseconds: the order is where a model of it is.
///
/// It can be signed for 1000 milliseconds, and collected for another 1000.
pub fn follow(harness: &Harness<impl Drive>, acts: &[(Act, u64)]) {
    let placed = place(harness);
    let (mut now, mut state, mut until) = (START, Status::Pending, START.plus(SECOND));
    for (act, wait) in acts {
        now = now.plus(Duration::from_millis(*wait));
        let open = matches!(state, Status::Pending | Status::Viewed | Status::Signed);
        let status = if open && now >= until {
            Status::Expired
        } else {
            state
        };
        let answer = attempt(harness, &placed, *act, now);
        match act.leads(status) {
            Some(next) => {
                if next == Status::Signed {
                    until = now.plus(SECOND);
                }
                state = next;
                assert!(
                    matches!(answer, Ok(Won::Now | Won::Before)),
                    "{act:?} from {status:?}"
                );
            }
            None => assert_eq!(
                answer,
                Err(Refusal::Status(status)),
                "{act:?} from {status:?}"
            ),
        }
    }
}

/// 64 callers at once do the `acts` in turn: what they are told is one way through the machine, and
/// the order stands at its end.
pub fn race(harness: &Harness<impl Drive>, acts: &[Act]) {
    let placed = place(harness);
    let told = harness.race(|number| {
        let store = harness.store();
        let act = acts
            .get(number % acts.len().max(1))
            .copied()
            .unwrap_or(Act::View);
        let placed = &placed;
        let decide = move |order: &Stored<Order>| act.decide(order, START);
        async move { (act, taken(store, placed, START, decide).await) }
    });
    let won = |act| {
        told.iter()
            .filter(|told| **told == (act, Ok(Won::Now)))
            .count()
    };
    let [viewed, signed, rejected, cancelled, collected] = Act::ALL.map(won);
    assert!(
        viewed <= 1 && signed <= viewed && collected <= signed,
        "{told:?}"
    );
    assert!(signed + rejected + cancelled <= 1, "{told:?}");
    let status = match (viewed, signed, rejected, cancelled, collected) {
        (_, _, _, _, 1) => Status::Collected,
        (_, 1, _, _, _) => Status::Signed,
        (_, _, 1, _, _) => Status::Rejected,
        (_, _, _, 1, _) => Status::Cancelled,
        (1, _, _, _, _) => Status::Viewed,
        _ => Status::Pending,
    };
    let row_id = Order::row_id(&placed.id);
    let order = harness
        .run(harness.store().find::<Order>(&row_id))
        .expect("the store answers");
    let order = order.expect("it is there");
    assert_eq!(order.status(START), status, "{told:?}");
    assert_eq!(order.body.outcome.is_some(), signed == 1);
    let changes = viewed + signed + rejected + cancelled + collected;
    assert_eq!(usize::try_from(order.version), Ok(changes + 1));
}

/// How an act came out well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Won {
    /// It changed the order.
    Now,
    /// There was nothing left to change.
    Before,
}

fn attempt(
    harness: &Harness<impl Drive>,
    placed: &Placed,
    act: Act,
    now: Instant,
) -> Result<Won, Refusal> {
    let decide = |order: &Stored<Order>| act.decide(order, now);
    harness.run(taken(harness.store(), placed, now, decide))
}

async fn taken(
    store: &dyn crate::store::Store,
    placed: &Placed,
    now: Instant,
    decide: impl Fn(&Stored<Order>) -> Result<Vec<Change>, Refusal> + Send + Sync,
) -> Result<Won, Refusal> {
    let mut won = Won::Before;
    let advanced = advance(store, &placed.id, now, |order| {
        let changes = decide(order)?;
        won = if changes.is_empty() {
            Won::Before
        } else {
            Won::Now
        };
        Ok(changes)
    });
    match advanced.await {
        Ok(_) => Ok(won),
        Err(OrderError::Refused(refusal)) => Err(refusal),
        Err(OrderError::Store(error)) => unreachable!("the store answers: {error}"),
    }
}

fn place(harness: &Harness<impl Drive>) -> Placed {
    let sealer = Sealer::new(&SealingKey::new([7; 32]));
    let mut placement = Placement::new(application(), What::SignIn);
    placement.timeout = SECOND;
    placement.grace = SECOND;
    let placed = placement.place(&sealer, &SystemRandom::new(), START);
    let placed = placed.expect("there are random numbers");
    let commit = harness.store().commit(vec![placed.change.clone()], START);
    harness.run(commit).expect("the store answers");
    placed
}

fn application() -> ApplicationId {
    "conformance".parse().expect("it is a name")
}

fn outcome(now: Instant) -> Outcome {
    Outcome {
        user: UserId::from([1; 16]),
        passkey: None,
        signed_at: now,
        user_verified: false,
        may_be_synced: false,
        evidence: EvidenceId::from([2; 16]),
    }
}

const START: Instant = Instant::from_unix_seconds(1_800_000_000);
const SECOND: Duration = Duration::from_seconds(1);

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::store::MemoryStore;
    use crate::store::conformance::Threads;

    fn harness() -> Harness<Threads> {
        Harness::new(Arc::new(MemoryStore::new()), Threads)
    }

    fn acts() -> impl Strategy<Value = Act> {
        proptest::sample::select(&Act::ALL[..])
    }

    proptest! {
        #[test]
        fn an_order_is_where_its_model_is(
            acts in proptest::collection::vec((acts(), prop_oneof![Just(0), Just(1), 0_u64..700]), 0..12),
        ) {
            follow(&harness(), &acts);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_64_callers_are_told_is_one_way_through_the_machine(
            acts in proptest::collection::vec(acts(), 1..64),
        ) {
            race(&harness(), &acts);
        }
    }

    #[test]
    fn of_64_who_do_everything_one_way_is_taken() {
        for _ in 0..50 {
            race(&harness(), &Act::ALL);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn an_order_that_goes_between_devices_is_answered_once(
            acts in proptest::collection::vec(proptest::sample::select(&Pass::ALL[..]), 1..64),
        ) {
            pass_on(&harness(), &acts);
        }
    }
}

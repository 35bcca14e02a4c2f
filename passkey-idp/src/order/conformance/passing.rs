//! An order that goes from a desktop to a phone and back, while everybody does everything at once.

use super::super::{MOST_WRONG_NUMBERS, Number};
use super::{
    Change, Drive, Harness, Order, Placed, Refusal, START, Status, Stored, Won, application,
    outcome, place, taken,
};
use crate::Duration;
use crate::id::ViewerSecret;
use crate::qr::{Frame, uyulala};
use crate::store::StoreExt as _;

/// What someone does to an order that a desktop views at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "the state machine is closed")]
pub enum Pass {
    /// The desktop shows codes.
    HandOver,
    /// The desktop goes on by itself.
    TakeBack,
    /// The phone scans, and types the number.
    Open,
    /// Somebody scans, and types another number.
    Guess,
    /// The user approves on the desktop.
    SignHere,
    /// The user approves on the phone.
    SignThere,
    /// The user refuses on the desktop.
    Reject,
    /// The application collects.
    Collect,
}

impl Pass {
    /// Every act.
    pub const ALL: [Self; 8] = [
        Self::HandOver,
        Self::TakeBack,
        Self::Open,
        Self::Guess,
        Self::SignHere,
        Self::SignThere,
        Self::Reject,
        Self::Collect,
    ];

    fn decide(self, order: &Stored<Order>, placed: &Placed) -> Result<Vec<Change>, Refusal> {
        let (desktop, phone) = devices();
        match self {
            Self::HandOver => order.hand_over(&desktop, number("42"), START),
            Self::TakeBack => order.view(Some(&desktop), None, START),
            Self::Open => open(order, placed, (&phone, "42")),
            Self::Guess => open(order, placed, (&ViewerSecret::from([3; 32]), "24")),
            Self::SignHere => order.sign(Some(&desktop), outcome(START), START),
            Self::SignThere => order.sign(Some(&phone), outcome(START), START),
            Self::Reject => order.reject(Some(&desktop), START),
            Self::Collect => order.collect(&application(), START),
        }
    }
}

/// 64 callers at once do the `acts` in turn: it is signed once or given up once, by the device that
/// views it, after three wrong numbers at most, and every change is somebody's.
pub fn pass_on(harness: &Harness<impl Drive>, acts: &[Pass]) {
    let placed = place(harness);
    let (desktop, phone) = devices();
    let view = |order: &Stored<Order>| order.view(Some(&desktop), None, START);
    let viewed = harness.run(taken(harness.store(), &placed, START, view));
    assert_eq!(viewed, Ok(Won::Now));
    let told = harness.race(|at| {
        let act = acts.get(at % acts.len().max(1)).copied();
        let act = act.unwrap_or(Pass::HandOver);
        let (store, placed) = (harness.store(), &placed);
        let decide = move |order: &Stored<Order>| act.decide(order, placed);
        async move { (act, taken(store, placed, START, decide).await) }
    });
    let won = |act| {
        told.iter()
            .filter(|told| **told == (act, Ok(Won::Now)))
            .count()
    };
    let changes: usize = Pass::ALL.into_iter().map(won).sum();
    let found = harness.run(harness.store().find::<Order>(&Order::row_id(&placed.id)));
    let order = found.expect("the store answers").expect("it is there");
    assert_eq!(usize::try_from(order.version), Ok(changes + 2), "{told:?}");
    let wrong = order.body.wrong_numbers;
    assert_eq!(usize::from(wrong), won(Pass::Guess), "{told:?}");
    let (here, there) = (won(Pass::SignHere), won(Pass::SignThere));
    let given_up = won(Pass::Reject) + usize::from(wrong == MOST_WRONG_NUMBERS);
    assert!(here + there + given_up <= 1, "{told:?}");
    assert!(won(Pass::Collect) <= here + there, "{told:?}");
    let is = |viewer: &ViewerSecret| order.body.is_viewed_by(viewer);
    match order.status(START) {
        Status::Pending => assert!(order.body.is_waited_for_by(&desktop), "{told:?}"),
        Status::Viewed | Status::Collected | Status::Signed => {
            let handed = order.body.handover.is_some();
            assert!(if handed { is(&phone) } else { is(&desktop) }, "{told:?}");
            assert!(here == 0 || is(&desktop), "{told:?}");
            assert!(there == 0 || is(&phone), "{told:?}");
        }
        Status::Rejected => assert_eq!(given_up, 1, "{told:?}"),
        Status::Cancelled | Status::Expired => unreachable!("nobody did that: {told:?}"),
    }
}

fn open(
    order: &Stored<Order>,
    placed: &Placed,
    (browser, text): (&ViewerSecret, &str),
) -> Result<Vec<Change>, Refusal> {
    let code = uyulala::frame(&placed.id, &placed.secret, Duration::default());
    let frame = Frame::parse(&code).expect("a frame");
    let guest = order.scan(&frame, &placed.secret, browser, START);
    order.open(&guest.expect("it is fresh"), Some(number(text)), START)
}

fn number(text: &str) -> Number {
    text.parse().expect("two digits")
}

fn devices() -> (ViewerSecret, ViewerSecret) {
    ([1; 32].into(), [2; 32].into())
}

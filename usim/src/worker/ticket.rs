//! Who was first: the worker that begins, or the caller who no longer waits.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

const WAITING: u8 = 0;
const BEGUN: u8 = 1;
const WITHDRAWN: u8 = 2;

/// A piece of work's place in the queue: it either begins or is withdrawn, never both.
#[derive(Clone, Debug, Default)]
pub(super) struct Ticket(Arc<AtomicU8>);

impl Ticket {
    /// Claims the work for the worker; `false` when the caller no longer waits.
    pub(super) fn begin(&self) -> bool {
        self.settle(BEGUN)
    }

    /// Takes the work back; `false` when it has begun.
    pub(super) fn withdraw(&self) -> bool {
        self.settle(WITHDRAWN)
    }

    pub(super) fn is_waiting(&self) -> bool {
        self.0.load(Ordering::Acquire) == WAITING
    }

    pub(super) fn has_begun(&self) -> bool {
        self.0.load(Ordering::Acquire) == BEGUN
    }

    fn settle(&self, outcome: u8) -> bool {
        let settled =
            self.0
                .compare_exchange(WAITING, outcome, Ordering::AcqRel, Ordering::Acquire);
        settled.is_ok()
    }
}

/// Withdraws the work when the caller's future is dropped.
#[derive(Debug)]
pub(super) struct WithdrawOnDrop(pub(super) Ticket);

impl Drop for WithdrawOnDrop {
    fn drop(&mut self) {
        self.0.withdraw();
    }
}

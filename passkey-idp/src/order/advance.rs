//! Taking a step in a store.

use super::{Order, Refusal};
use crate::Instant;
use crate::id::OrderId;
use crate::store::{Change, Commit, Store, StoreError, StoreExt as _, Stored};

/// Why an order does not advance.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OrderError {
    /// The step leads nowhere.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The store gives no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Takes a step: reads the order, lets `decide` say what to change, and commits that. If someone was
/// faster, reads and decides again, and gives up when that has come to nothing a few times.
///
/// The first change that `decide` returns is the order's own; others are committed with it. No change
/// means that all is as it should be.
///
/// # Errors
/// [`OrderError`], with what `decide` says of the order as it stands.
pub async fn advance<S: Store + ?Sized>(
    store: &S,
    id: &OrderId,
    now: Instant,
    mut decide: impl FnMut(&Stored<Order>) -> Result<Vec<Change>, Refusal> + Send,
) -> Result<Stored<Order>, OrderError> {
    let row_id = Order::row_id(id);
    for _ in 0..ATTEMPTS {
        let order = store
            .find::<Order>(&row_id)
            .await?
            .ok_or(Refusal::Unknown)?;
        let changes = decide(&order)?;
        if changes.is_empty() {
            return Ok(order);
        }
        if let Commit::Done(rows) = store.commit(changes, now).await?
            && let Some(row) = rows.into_iter().next()
        {
            return Ok(row.try_into()?);
        }
    }
    Err(Refusal::Contended.into())
}

/// An order goes through five states at most, is handed over and back, and wrong numbers are counted.
const ATTEMPTS: usize = 12;

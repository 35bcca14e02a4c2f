//! The same over a store that answers later.

use core::{fmt, future::Future};

use super::{
    Request, ResyncError, Resynchronisation, Sequence, Swap, Vector, VectorError,
    home::MAX_ATTEMPTS,
};
use crate::{Auts, Rand, Sqn, algorithm::HomeAlgorithm};

/// [`SqnStore`](super::SqnStore) for a store that is asked asynchronously; the same rules hold.
pub trait AsyncSqnStore: Sync {
    /// What names a subscriber.
    type Subscriber: ?Sized + Sync;
    /// What can go wrong.
    type Error: core::error::Error + Send + 'static;

    /// The last number issued.
    fn load(
        &self,
        subscriber: &Self::Subscriber,
    ) -> impl Future<Output = Result<Sqn, Self::Error>> + Send;

    /// Stores `new` if `expected` is what is stored, in one atomic step, and is done after it is
    /// durable.
    fn compare_and_set(
        &self,
        subscriber: &Self::Subscriber,
        expected: Sqn,
        new: Sqn,
    ) -> impl Future<Output = Result<Swap, Self::Error>> + Send;
}

/// [`Home`](super::Home) over an asynchronous store.
///
/// A future that is dropped half-way costs at most one number.
#[derive(Clone, Default)]
pub struct AsyncHome<S> {
    store: S,
    sequence: Sequence,
}

impl<S: AsyncSqnStore> AsyncHome<S> {
    /// A home with the sequence numbers of TS 33.102 §C.3.
    pub const fn new(store: S) -> Self {
        Self::with_sequence(store, Sequence::new())
    }

    /// A home whose cards have other rules.
    pub const fn with_sequence(store: S, sequence: Sequence) -> Self {
        Self { store, sequence }
    }

    /// The store.
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// As [`Home::vector`](super::Home::vector).
    ///
    /// # Errors
    /// [`VectorError`] when no number could be reserved; then there is no vector.
    pub async fn vector(
        &self,
        algorithm: &impl HomeAlgorithm,
        subscriber: &S::Subscriber,
        request: Request,
    ) -> Result<Vector, VectorError<S::Error>> {
        let loaded = self.store.load(subscriber).await;
        let mut sqn_he = loaded.map_err(VectorError::Store)?;
        for _ in 0..MAX_ATTEMPTS {
            let sqn = self.sequence.next_at(sqn_he, request.ind, request.clock)?;
            let swap = self.store.compare_and_set(subscriber, sqn_he, sqn).await;
            match swap.map_err(VectorError::Store)? {
                Swap::Done => return Ok(Vector::make(algorithm, request, sqn)),
                Swap::Lost(actual) => sqn_he = actual,
            }
        }
        Err(VectorError::Contended)
    }

    /// As [`Home::resynchronise`](super::Home::resynchronise).
    ///
    /// # Errors
    /// [`ResyncError::MacFailure`] for a forged AUTS, the others when the store fails; SQN_HE is
    /// then as it was.
    pub async fn resynchronise(
        &self,
        algorithm: &impl HomeAlgorithm,
        subscriber: &S::Subscriber,
        rand: &Rand,
        auts: &Auts,
    ) -> Result<Resynchronisation, ResyncError<S::Error>> {
        let (sqn_ms, expected) = algorithm.open_auts(rand, auts);
        if !expected.verify(auts.mac()) {
            return Err(ResyncError::MacFailure);
        }
        let loaded = self.store.load(subscriber).await;
        let mut sqn_he = loaded.map_err(ResyncError::Store)?;
        for _ in 0..MAX_ATTEMPTS {
            let outcome = self.sequence.resynchronise(sqn_he, sqn_ms);
            if outcome != Resynchronisation::Moved {
                return Ok(outcome);
            }
            let swap = self.store.compare_and_set(subscriber, sqn_he, sqn_ms).await;
            match swap.map_err(ResyncError::Store)? {
                Swap::Done => return Ok(outcome),
                Swap::Lost(actual) => sqn_he = actual,
            }
        }
        Err(ResyncError::Contended)
    }
}

impl<S> fmt::Debug for AsyncHome<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AsyncHome")
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

//! The driver: reserve a number in the store, then make the vector.

use core::fmt;

use super::{Request, Resynchronisation, Sequence, SequenceError, SqnStore, Swap, Vector};
use crate::{Auts, Rand, Sqn, algorithm::HomeAlgorithm};

/// Why there is no vector.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VectorError<E: core::error::Error + 'static> {
    /// There is no sequence number for it.
    #[error("no sequence number for the vector")]
    Sequence(#[from] SequenceError),
    /// The store failed, so no number was reserved.
    #[error("the sequence number was not stored")]
    Store(#[source] E),
    /// Others were faster every time.
    #[error("the sequence number changed too often")]
    Contended,
}

/// Why a resynchronisation changed nothing.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ResyncError<E: core::error::Error + 'static> {
    /// AUTS was not made with this subscriber's keys for this RAND.
    #[error("MAC-S of AUTS does not match")]
    MacFailure,
    /// The store failed.
    #[error("the sequence number was not stored")]
    Store(#[source] E),
    /// Others were faster every time.
    #[error("the sequence number changed too often")]
    Contended,
}

/// The home's side over a store of sequence numbers.
///
/// ```
/// # #[cfg(feature = "std")] {
/// use aka::{Amf, Imsi, K, Milenage, Opc, Rand, Sqn};
/// use aka::card::{Card, Outcome};
/// use aka::network::{Home, MemoryStore, Request};
///
/// let imsi: Imsi = "001010000000001".parse()?;
/// let home = Home::new(MemoryStore::new().with(imsi, Sqn::ZERO));
/// let milenage = Milenage::new(&K::new([1; 16]), &Opc::new([2; 16]));
///
/// // In earnest: Rand::generate(getrandom::fill)
/// let request = Request::new(Rand::new([3; 16]), Amf::ZERO);
/// let vector = home.vector(&milenage, &imsi, request)?;
///
/// let mut card = Card::default();
/// match card.authenticate(&milenage, &vector.rand, &vector.autn)? {
///     Outcome::Success { res, .. } => assert!(vector.verify(&res)),
///     Outcome::SyncFailure(auts) => {
///         home.resynchronise(&milenage, &imsi, &vector.rand, &auts)?;
///     }
/// }
/// # }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct Home<S> {
    store: S,
    sequence: Sequence,
}

/// A store that reports a lost race with the very number that was expected would never end.
pub(super) const MAX_ATTEMPTS: u32 = 1 << 16;

impl<S: SqnStore> Home<S> {
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

    /// Makes a vector. Its sequence number is in the store before the vector exists, and no two
    /// vectors of a subscriber ever share one, however many threads and processes ask.
    ///
    /// # Errors
    /// [`VectorError`] when no number could be reserved; then there is no vector.
    pub fn vector(
        &self,
        algorithm: &impl HomeAlgorithm,
        subscriber: &S::Subscriber,
        request: Request,
    ) -> Result<Vector, VectorError<S::Error>> {
        let mut sqn_he = self.store.load(subscriber).map_err(VectorError::Store)?;
        for _ in 0..MAX_ATTEMPTS {
            let sqn = self.sequence.next_at(sqn_he, request.ind, request.clock)?;
            let swap = self.store.compare_and_set(subscriber, sqn_he, sqn);
            match swap.map_err(VectorError::Store)? {
                Swap::Done => return Ok(Vector::make(algorithm, request, sqn)),
                Swap::Lost(actual) => sqn_he = actual,
            }
        }
        Err(VectorError::Contended)
    }

    /// Follows a card that answered the challenge `rand` with `auts` (TS 33.102 §6.3.5).
    ///
    /// SQN_HE never goes back, so a replayed AUTS does no harm. Afterwards drop the vectors of
    /// this subscriber that are still kept anywhere and make a new one.
    ///
    /// # Errors
    /// [`ResyncError::MacFailure`] for a forged AUTS, the others when the store fails; SQN_HE is
    /// then as it was.
    pub fn resynchronise(
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
        self.follow(subscriber, sqn_ms)
    }

    fn follow(
        &self,
        subscriber: &S::Subscriber,
        sqn_ms: Sqn,
    ) -> Result<Resynchronisation, ResyncError<S::Error>> {
        let mut sqn_he = self.store.load(subscriber).map_err(ResyncError::Store)?;
        for _ in 0..MAX_ATTEMPTS {
            let outcome = self.sequence.resynchronise(sqn_he, sqn_ms);
            if outcome != Resynchronisation::Moved {
                return Ok(outcome);
            }
            let swap = self.store.compare_and_set(subscriber, sqn_he, sqn_ms);
            match swap.map_err(ResyncError::Store)? {
                Swap::Done => return Ok(outcome),
                Swap::Lost(actual) => sqn_he = actual,
            }
        }
        Err(ResyncError::Contended)
    }
}

impl<S> fmt::Debug for Home<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Home")
            .field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

//! The arithmetic of SQN_HE, without any store: pure, for whatever drives it.

use super::Profile;
use crate::{Ind, IndLength, InvalidSqn, Sqn, card};

/// There is no next sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SequenceError {
    /// They never wrap: the card needs new keys.
    #[error("the subscriber's sequence numbers are used up")]
    SqnExhausted,
    /// The cards' arrays are smaller than the IND asked for.
    #[error("the cards have no such slot")]
    NoSuchSlot(#[source] InvalidSqn),
}

/// How SQN_HE moves: the home's half of TS 33.102 Annex C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sequence {
    profile: Profile,
    ind_length: IndLength,
    delta: u64,
}

/// What a verified AUTS did to SQN_HE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Resynchronisation {
    /// SQN_HE now is SQN_MS; the next vector uses SEQ_MS + 1. Vectors made before, and still
    /// kept somewhere, would fail: drop them (TS 33.102 §6.3.5).
    Moved,
    /// SQN_HE is as it was: the next one will be accepted anyway (TS 33.102 §6.3.5, step iii).
    Kept,
    /// SQN_HE is as it was, but so far above SQN_MS that the card will refuse the next one too.
    /// Going back would issue numbers twice, so nothing does that by itself: find out how the
    /// numbers came apart.
    OutOfReach,
}

impl Sequence {
    /// IND of 5 bits and Δ = 2^28, as in the profiles of TS 33.102 §C.3.
    pub const fn new() -> Self {
        Self {
            profile: Profile::Counter,
            ind_length: IndLength::FIVE,
            delta: card::Policy::DEFAULT_DELTA,
        }
    }

    /// Where the next SEQ comes from.
    #[must_use]
    pub const fn with_profile(self, profile: Profile) -> Self {
        Self { profile, ..self }
    }

    /// How many bits of SQN are IND; the cards must agree.
    #[must_use]
    pub const fn with_ind_length(self, ind_length: IndLength) -> Self {
        Self { ind_length, ..self }
    }

    /// The cards' Δ.
    #[must_use]
    pub const fn with_delta(self, delta: u64) -> Self {
        Self { delta, ..self }
    }

    /// Splits SQN as the cards do.
    pub const fn ind_length(&self) -> IndLength {
        self.ind_length
    }

    /// The number after `sqn_he`, whatever slot that was for, in the slot `ind`; a time-based
    /// profile counts.
    ///
    /// # Errors
    /// [`SequenceError`] after the highest SEQ, or for a slot that the cards do not have.
    pub fn next(&self, sqn_he: Sqn, ind: Ind) -> Result<Sqn, SequenceError> {
        self.next_at(sqn_he, ind, None)
    }

    /// The same; `clock` is the global counter GLC of a time-based profile.
    ///
    /// # Errors
    /// [`SequenceError`] after the highest SEQ, or for a slot that the cards do not have.
    pub fn next_at(&self, sqn_he: Sqn, ind: Ind, clock: Option<u64>) -> Result<Sqn, SequenceError> {
        let seq_he = sqn_he.seq(self.ind_length);
        let highest = self.ind_length.max_seq();
        let seq = self.profile.next(seq_he, clock).min(highest);
        if seq <= seq_he {
            return Err(SequenceError::SqnExhausted);
        }
        Sqn::from_parts(seq, ind, self.ind_length).map_err(SequenceError::NoSuchSlot)
    }

    /// What an authentic SQN_MS makes of `sqn_he`, and the number to store if it moves.
    pub const fn resynchronise(&self, sqn_he: Sqn, sqn_ms: Sqn) -> Resynchronisation {
        let (home, card) = (sqn_he.seq(self.ind_length), sqn_ms.seq(self.ind_length));
        if home < card {
            Resynchronisation::Moved
        } else if home - card < self.delta {
            Resynchronisation::Kept
        } else {
            Resynchronisation::OutOfReach
        }
    }
}

impl Default for Sequence {
    fn default() -> Self {
        Self::new()
    }
}

//! Whether a sequence number is fresh (TS 33.102 §C.2).

use core::fmt;

use crate::{IndLength, InvalidSqn, Sqn};

/// The rules by which a card takes sequence numbers (TS 33.102 §C.2, §C.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    ind_length: IndLength,
    delta: u64,
    age_limit: Option<u64>,
}

impl Policy {
    /// Δ of the profiles in TS 33.102 §C.3.
    pub const DEFAULT_DELTA: u64 = 1 << 28;

    /// The profiles of TS 33.102 §C.3: IND of 5 bits, Δ = 2^28, no age limit.
    pub const fn new() -> Self {
        Self {
            ind_length: IndLength::FIVE,
            delta: Self::DEFAULT_DELTA,
            age_limit: None,
        }
    }

    /// How many bits of SQN are IND.
    #[must_use]
    pub const fn with_ind_length(self, ind_length: IndLength) -> Self {
        Self { ind_length, ..self }
    }

    /// Δ: SEQ may exceed the highest one so far by this much, so that nobody can use up the
    /// whole range with one jump (§C.2.1).
    #[must_use]
    pub const fn with_delta(self, delta: u64) -> Self {
        Self { delta, ..self }
    }

    /// L: SEQ may lie below the highest one so far by this much (§C.2.2).
    #[must_use]
    pub const fn with_age_limit(self, limit: u64) -> Self {
        let age_limit = Some(limit);
        Self { age_limit, ..self }
    }

    /// How many bits of SQN are IND.
    pub const fn ind_length(&self) -> IndLength {
        self.ind_length
    }

    /// Δ.
    pub const fn delta(&self) -> u64 {
        self.delta
    }

    /// L.
    pub const fn age_limit(&self) -> Option<u64> {
        self.age_limit
    }
}

impl Default for Policy {
    fn default() -> Self {
        Self::new()
    }
}

/// A sequence number is not fresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stale;

/// The highest SEQ taken in each of the 32 slots; 0 where none was. This is all of a card's
/// state that changes.
#[derive(Clone, PartialEq, Eq)]
pub struct SeqArray([u64; Self::SLOTS]);

impl SeqArray {
    /// How many slots there are.
    pub const SLOTS: usize = 32;

    /// Takes what [`to_array`](SeqArray::to_array) gave.
    ///
    /// # Errors
    /// [`InvalidSqn`] when a number has more than 48 bits.
    pub fn from_array(seqs: [u64; Self::SLOTS]) -> Result<Self, InvalidSqn> {
        if seqs.iter().any(|&seq| seq > Sqn::MAX.get()) {
            Err(InvalidSqn)
        } else {
            Ok(Self(seqs))
        }
    }

    /// The numbers, by IND.
    pub const fn to_array(&self) -> [u64; Self::SLOTS] {
        self.0
    }

    /// Takes `sqn` if it is fresh.
    pub(super) fn accept(&mut self, policy: &Policy, sqn: Sqn) -> Result<(), Stale> {
        let (seq, highest) = (
            sqn.seq(policy.ind_length),
            self.highest(policy).seq(policy.ind_length),
        );
        let jumps = seq.saturating_sub(highest) > policy.delta;
        let age = highest.saturating_sub(seq);
        let aged = policy.age_limit.is_some_and(|limit| age > limit);
        let slot = self.slot(policy, sqn);
        if jumps || aged || seq <= *slot {
            return Err(Stale);
        }
        *slot = seq;
        Ok(())
    }

    /// SQN_MS: the highest SEQ with its IND, or zero for a card that has taken nothing.
    pub(super) fn highest(&self, policy: &Policy) -> Sqn {
        let slots = (0..).map(crate::Ind::new).map_while(Result::ok);
        self.0
            .iter()
            .zip(slots)
            .filter(|&(&seq, _)| seq > 0)
            .filter_map(|(&seq, ind)| Sqn::from_parts(seq, ind, policy.ind_length).ok())
            .max()
            .unwrap_or_default()
    }

    fn slot(&mut self, policy: &Policy, sqn: Sqn) -> &mut u64 {
        let ind = sqn.ind(policy.ind_length);
        self.0
            .get_mut(usize::from(ind.get()))
            .expect("IND has at most 5 bits")
    }
}

impl Default for SeqArray {
    fn default() -> Self {
        Self([0; Self::SLOTS])
    }
}

/// Sequence numbers tell about a subscriber's habits.
impl fmt::Debug for SeqArray {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SeqArray([redacted])")
    }
}

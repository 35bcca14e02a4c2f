//! Kernels on the AES instructions of x86-64, for the standard constants.

mod aes_ni;
mod side_by_side;
mod vaes;
mod vaes512;

pub(super) use aes_ni::Keyed;

use crate::cpu::{Vaes, Vaes512};
use side_by_side::Jobs;

/// What makes vectors of several subscribers at a time.
#[derive(Clone, Copy)]
pub(super) enum Wide {
    Vaes(Vaes),
    Vaes512(Vaes512),
}

impl Wide {
    pub(super) fn detect() -> Option<Self> {
        let wider = Vaes512::detect().map(Self::Vaes512);
        wider.or_else(|| Vaes::detect().map(Self::Vaes))
    }

    /// All jobs have the standard constants.
    pub(super) fn vectors(self, jobs: &mut Jobs<'_>) {
        match self {
            Self::Vaes(proof) => vaes::vectors(proof, jobs),
            Self::Vaes512(proof) => vaes512::vectors(proof, jobs),
        }
    }
}

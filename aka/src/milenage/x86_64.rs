//! Kernels on the AES instructions of x86-64, for the standard constants.

mod aes_ni;
mod vaes;

pub(super) use aes_ni::Keyed;
pub(super) use vaes::{LANES, challenges};

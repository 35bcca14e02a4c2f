//! The three dialects.

pub(super) mod original;
pub(super) mod pysim;
pub(super) mod typed;

//! What is longer than the documentation of one item: sequence numbers, and the standards' clauses.

#[doc = include_str!("guide/sequence_numbers.md")]
pub mod sequence_numbers {}

#[doc = include_str!("guide/clauses.md")]
pub mod clauses {}

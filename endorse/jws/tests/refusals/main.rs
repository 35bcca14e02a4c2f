//! What must be refused, each with its reason.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is unexpected fails the test"
)]

mod forge;
mod form;
mod header;
mod jwks;
mod keys;
mod padding;
mod signature;

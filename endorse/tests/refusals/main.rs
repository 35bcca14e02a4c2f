//! The bad tokens: each by its name, for both profiles, with the reason of its refusal.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "what is unexpected fails the test"
)]

mod claims;
mod forge;
mod form;
mod header;
mod payload;
mod profiles;
mod signature;
mod times;

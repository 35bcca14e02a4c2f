//! The dialects beside our own: SORACOM's Keys API and tokens, OAuth's ways with tokens, TS.43.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "what is unexpected fails the test"
)]

mod clocks;
mod description;
mod device;
mod keys_api;
mod oauth;
mod root;
mod ts43;
mod world;

//! What a service and an issuer do with tokens.
#![expect(clippy::unwrap_used, reason = "what is unexpected fails the test")]

mod bound;
mod issuing;
mod keys;
#[cfg(feature = "axum")]
mod layer;
mod policies;
#[cfg(feature = "status-list")]
mod status;
mod world;

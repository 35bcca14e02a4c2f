//! A relying party: what a service does that leaves signing in, and signing, to an identity provider.
//!
//! It knows the provider by its issuer alone. Whoever writes such a service finds here
//! - signing in with OpenID Connect, by crate `openidconnect`: [`oidc`]
//! - having a document signed, and collecting what was signed: [`orders`]
//! - verifying the evidence, and that it says what was asked for: [`document`]
//! - the routes and the pages: [`app`]
//! - it and an identity provider in one command: `demo-rp try`, in `src/beside.rs`
//!
//! What it keeps, it keeps in memory: it is a demonstration.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

mod beside;
pub mod cli;
pub mod config;
pub mod document;
pub mod oidc;
pub mod orders;
mod pages;
mod routes;
mod run;
mod session;
mod share;
pub mod state;
pub mod web;

pub use routes::app;
pub use run::run;

//! SIM challenge in, signed token out, over any network.
//!
//! [`Exchange`] holds the open challenges and knows no network; [`Server`] adds the authentication
//! centre, the keys and the issuer; [`app`] is its routes. [`token`] is `endorse-server token verify`.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod cli;
mod exchange;
mod routes;
mod server;
pub mod token;

pub use exchange::{Exchange, Open, Refused, Wanted};
pub use routes::app;
pub use server::{Challenge, Proven, Server, ServerError, Settings};

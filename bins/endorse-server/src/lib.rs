//! SIM challenge in, signed token out, over any network.
//!
//! # Where things are
//! - the engine that every dialect stands on: [`Server`]
//! - what an operator decides of the dialects beside our own: [`dialects`]
//! - what instances share: [`store`]
//! - the keys that sign, and their rotation: [`keys`]
//! - where vectors come from: [`source`]
//! - the routes, one file for each dialect: `routes/`
//! - `endorse-server token verify`: [`token`]
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod app;
pub mod cli;
pub mod config;
pub mod dialects;
mod engine;
pub mod keys;
mod purpose;
mod routes;
mod run;
pub mod source;
pub mod store;
pub mod token;

pub use engine::{
    Challenge, Exchanged, Known, OfferedKey, Proof, Proven, ProvenCall, Pseudonyms, Server,
    ServerError, Settings, SignedList, Ts43Grant, Ts43Step, Wanted,
};
pub use purpose::{Posed, Purpose, PurposeKeys};
pub use routes::{app, description};
pub use run::run;

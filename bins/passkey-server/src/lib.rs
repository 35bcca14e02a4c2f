//! An identity provider without passwords.
//!
//! # Where things are
//! - what all routes share: [`state`]
//! - the routes, registered in one place: [`app`]
//! - the keys that sign: [`keys`]
//! - what is known of authenticators: [`mds`]
//! - what people see: [`pages`]
//! - what applications are told unasked: [`notify`]
//! - what goes on beside the requests: [`upkeep`]
//! - settings and the command line: [`config`], [`cli`]
//! - what is wrong with a server: [`doctor`]; from one database into another: [`transfer`]
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod cli;
pub mod config;
pub mod doctor;
pub mod keys;
pub mod mds;
pub mod notify;
pub mod pages;
mod routes;
mod run;
pub mod state;
pub mod transfer;
pub mod upkeep;

pub use routes::{app, description};
pub use run::{build, run};

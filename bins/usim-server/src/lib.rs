//! Shares SIMs over HTTPS: for programs that know the original Python server, for those that know
//! pySim's, and for those that want types.
//!
//! ```
//! use std::time::Duration;
//! use tokio::sync::broadcast;
//! use usim::{soft::{Profile, SoftCard}, transport::TransportKind};
//! use usim_server::{Label, Sim, Sims};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> std::io::Result<()> {
//! let (changes, _) = broadcast::channel(16);
//! let label = Label::new("soft:0", TransportKind::Soft);
//! let open = || Ok(Box::new(SoftCard::new(Profile::default())) as _);
//! let sim = Sim::start(label, Duration::from_secs(4), changes, open)?;
//! let sims = Sims::new([sim]);
//! assert_eq!(sims.all().len(), 1);
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//! - the three dialects: `routes/compat.rs`, `routes/pysim.rs`, `routes/v1.rs`
//! - the one way on which every request reaches a SIM: [`App`], in `state.rs`
//! - which commands a caller may send: [`AllowList`]
//! - what a failure's status is: [`ApiError::problem`]
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub use activity::Activity;
pub use allow::{AllowList, AllowedCommand, UnknownCommand};
pub use error::ApiError;
pub use routes::{app, description};
pub use sim::{Application, Changes, Label, Pin, Profile, Session, Sim, Status};
pub use sims::Sims;
pub use sources::{SourceError, Starter};
pub use state::{App, scope};

mod activity;
mod allow;
pub mod cli;
pub mod config;
mod error;
mod routes;
mod run;
mod sim;
mod sims;
mod sources;
mod state;

pub use run::run;

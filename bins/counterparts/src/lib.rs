//! Our programs against programs that nobody here wrote: pcscd, hostapd, `eapol_test`, opensc-tool,
//! `pcsc_scan`, tshark, osmo-auc-gen, PostgreSQL, oidc-provider.
//!
//! Each test makes a [`Namespace`] of its own, with a private network and a private `/run`, so
//! that daemons which listen everywhere or at fixed places neither meet each other nor the
//! machine's. What is started in it dies with its guard, and with the test. Nothing sleeps for a
//! guessed time: [`wait::until`] looks until something is there, or a deadline says that it never came.
//!
//! The tests are ignored by a plain `cargo test`, because they need those programs;
//! `cargo xtask test --only readers` and its like install what they can, and run them.
//!
//! Where things are: [`namespace`] and [`program`] run things, [`pcscd`], [`hostapd`],
//! [`eapol_test`] and [`home`] know one counterpart each; [`instance`] and [`http`] are for servers
//! that are killed while they answer.

pub mod card;
pub mod certificates;
pub mod draw;
pub mod eapol_test;
pub mod endorse_server;
pub mod home;
pub mod hostapd;
pub mod http;
pub mod instance;
pub mod namespace;
pub mod passkey_server;
pub mod pcscd;
pub mod postgres;
pub mod program;
pub mod radius;
pub mod server;
pub mod wait;

pub use card::SoftCard;
pub use draw::Draw;
pub use endorse_server::EndorseServer;
pub use home::Home;
pub use hostapd::Hostapd;
pub use instance::Instance;
pub use namespace::Namespace;
pub use pcscd::Pcscd;
pub use program::{Finished, Program, Running};
pub use server::Server;

/// The examples of the project's README, which must run.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Readme;

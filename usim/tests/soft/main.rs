//! The software card, command by command, through its transport.
#![cfg(feature = "soft")]
#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what fails here fails a test"
)]

mod authenticate;
mod channel;
mod crash;
mod desk;
mod files;
mod manners;
mod pin;
mod profile;
mod select;

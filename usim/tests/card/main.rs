//! Sessions with the software card, as the book has it and with every manner it can be given.
#![cfg(feature = "soft")]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails a test"
)]

mod authenticate;
mod faults;
mod files;
mod home;
mod manners;
mod pin;

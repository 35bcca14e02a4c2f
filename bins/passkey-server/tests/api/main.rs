//! The server's routes, driven on the router with passkeys in software.
#![expect(clippy::indexing_slicing, reason = "a missing member fails the test")]

mod bankid;
mod browser;
mod handover;
mod oauth;
mod uyulala;
mod world;

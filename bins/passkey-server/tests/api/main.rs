//! The server's routes, driven on the router with passkeys in software.
#![expect(clippy::indexing_slicing, reason = "a missing member fails the test")]

mod arrival;
mod attacks;
mod bankid;
mod browser;
mod ciba;
mod description;
mod dialects;
mod handover;
mod keys;
mod meddler;
mod oauth;
mod transfer;
mod uyulala;
mod world;

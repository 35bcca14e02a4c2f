//! The server over its router and over real sockets, with the software card behind it.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod access;
mod binary;
mod cards;
mod compat;
mod defects;
mod description;
mod events;
mod faults;
mod forge;
mod home;
mod leases;
mod many;
#[cfg(feature = "serial")]
mod modem;
mod page;
mod pysim;
mod remote;
mod server;
mod tokens;
mod v1;
mod wire;

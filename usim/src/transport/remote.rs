//! A SIM that sits elsewhere, behind a server that shares it over HTTPS.
//!
//! Two ways lead to it: [`RemoteSubscriber`] asks who the subscriber is and has challenges
//! answered, which every such server can do; [`RemoteTransport`] carries commands to the card, for
//! servers that allow that, so that a [`Card`](crate::Card) can be opened behind it.
//!
//! The server's certificate is verified against the roots of the web, or against those that
//! [`Server::with_certificates`] names. Nothing is ever passed on to a card twice by itself: an
//! AUTHENTICATE whose answer got lost stays unanswered. Only a server that refuses with 429, before
//! any card hears of it, is asked again when it says so.

mod answer;
mod client;
mod dialect;
mod failure;
mod leases;
mod server;
mod sims;
mod subscriber;
mod transport;
mod trust;

pub use failure::ServerRefusal;
pub use server::{InvalidServer, Server};
pub use sims::{RemoteApplication, RemotePin, RemoteSim};
pub use subscriber::RemoteSubscriber;
pub use transport::RemoteTransport;

/// What a server speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Dialect {
    /// `GET /?type=...`, as the first servers of this kind did, and many clients do.
    Original,
    /// pySim's SIM REST server: `/sim-auth-api` and `/sim-info-api`.
    PySim,
    /// `/v1` of usim-server: every outcome by its name.
    #[default]
    Typed,
}

#[cfg(test)]
mod tests;

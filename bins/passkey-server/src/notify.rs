//! What applications are told unasked: pings and pushes of CIBA, logout tokens.
//!
//! What is to be told is a row ([`Delivery`](passkey_idp::delivery::Delivery)), written by whoever has
//! something to tell. Each instance has a [`Worker`], which looks for such rows, waits for the answers
//! that they wait for, on whatever instance they are given, and sends. A row is claimed before it is
//! sent, so that one instance at a time sends it; it outlives them all.

mod outbound;
mod places;
mod worker;

pub use outbound::{Outbound, OutboundError};
pub use worker::Worker;

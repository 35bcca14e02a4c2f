//! EAP-SIM, EAP-AKA and EAP-AKA'.
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "what fails here fails the test"
)]

mod packets;
mod parties;
mod peer;
mod resumption;
mod server;
mod sim;
mod tampering;

//! EAP-SIM, EAP-AKA and EAP-AKA'.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "what fails here fails the test"
)]

mod packets;
mod peer;

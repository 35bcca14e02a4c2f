//! Talk to a SIM, USIM or ISIM over PC/SC, AT commands, a remote server or a software card.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod apdu;
mod error;
pub mod exchange;
pub mod fcp;
pub mod file;
#[cfg(test)]
mod script;
#[cfg(feature = "soft")]
pub mod soft;
mod subscriber;
pub mod tlv;
pub mod transport;
#[cfg(feature = "tokio")]
pub mod worker;

pub use error::{CallerError, CardError, Error, Fault};
pub use subscriber::{
    ApplicationKind, Authentication, GbaBootstrapping, GsmAuthentication, Identity, ImsIdentity,
    Keys, KsExtNaf, Subscriber,
};

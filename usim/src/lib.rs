//! Talk to a SIM, USIM or ISIM over PC/SC, AT commands, a remote server or a software card.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod apdu;
mod error;
mod subscriber;
pub mod transport;
#[cfg(feature = "tokio")]
pub mod worker;

pub use error::{CallerError, CardError, Error, Fault};
pub use subscriber::{
    ApplicationKind, Authentication, GbaBootstrapping, GsmAuthentication, Identity, ImsIdentity,
    Keys, KsExtNaf, Subscriber,
};

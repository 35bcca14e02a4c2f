//! Talk to a SIM, USIM or ISIM over PC/SC, AT commands, a remote server or a software card.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod apdu;
mod application;
pub mod at;
pub mod authenticate;
mod card;
mod error;
pub mod exchange;
pub mod fcp;
pub mod file;
mod home;
mod identity;
mod pin;
#[cfg(test)]
mod script;
mod session;
#[cfg(feature = "soft")]
pub mod soft;
mod subscriber;
pub mod tlv;
pub mod transport;
#[cfg(feature = "tokio")]
pub mod worker;

pub use application::{Isim, Sim, Usim};
pub use card::{Card, ChannelUse, Generation};
pub use error::{CallerError, CardError, Error, Fault};
pub use file::{
    dir::{Aid, Application},
    msisdn::Msisdn,
    service_table::ServiceTable,
    spn::ServiceProvider,
};
pub use home::{assumed_mnc_length, derive_ims_identity};
pub use identity::{Iccid, Imei, InvalidNumber};
pub use pin::{LastTry, Pin, PinReference, PinStatus, Puk};
pub use session::{FileInfo, Session};
pub use subscriber::{
    ApplicationKind, Authentication, GbaBootstrapping, GsmAuthentication, Identity, ImsIdentity,
    Keys, KsExtNaf, Subscriber,
};

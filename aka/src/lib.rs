//! 3GPP Authentication and Key Agreement, for the card's side and the home's.
#![no_std]
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

mod challenge;
mod identity;
mod key;
mod octets;
mod response;
mod sqn;

pub use challenge::{Amf, Autn, Auts, Mac, Rand};
pub use identity::{Imsi, InvalidIdentity, MncLength, Plmn};
pub use key::{K, Op, Opc};
pub use octets::{Hex, InvalidHex, InvalidLength};
pub use response::{Ak, Ck, Ik, InvalidRes, Kc, Res, Sres};
pub use sqn::{InvalidSqn, Sqn};

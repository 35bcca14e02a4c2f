//! 3GPP Authentication and Key Agreement, for the card's side and the home's.
#![no_std]
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

#[cfg(any(feature = "std", test))]
extern crate std;

pub mod algorithm;
pub mod card;
mod challenge;
mod identity;
pub mod kdf;
mod key;
pub mod milenage;
pub mod network;
mod octets;
mod response;
mod sqn;

pub use challenge::{Amf, Autn, Auts, Mac, Rand};
pub use identity::{Imsi, InvalidIdentity, MncLength, Plmn};
pub use key::{K, Op, Opc};
pub use milenage::Milenage;
pub use octets::{Hex, InvalidHex, InvalidLength};
pub use response::{Ak, Ck, Ik, InvalidRes, Kc, Res, Sres};
pub use sqn::{Ind, IndLength, InvalidSqn, Sqn};

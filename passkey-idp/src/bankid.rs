//! Orders as libraries for BankID's relying party API 6.0 place and collect them.
//!
//! A *personal number* is a [`UserId`], the signature is a package of [`evidence`](crate::evidence), and
//! the animated QR code is ours ([`qr::bankid`](crate::qr::bankid)). The rest is as those libraries know
//! it: [`Wanted`] reads what they ask for, [`Wanted::place`] places it, [`collect`] says how it stands.
//!
//! ```
//! use passkey_idp::bankid::{Call, Wanted};
//!
//! let body = br#"{"endUserIp":"192.0.2.1","userVisibleData":"SSBvd2UgeW91IDEwIGtyb25vcg=="}"#;
//! let wanted = Wanted::read(Call::Sign, body)?;
//! assert_eq!(wanted.document.as_ref().map(|shown| shown.text()), Some("I owe you 10 kronor"));
//! assert!(Wanted::read(Call::Sign, br#"{"endUserIp":"192.0.2.1"}"#).is_err());
//! # Ok::<(), passkey_idp::bankid::Refusal>(())
//! ```
//!
//! [`UserId`]: crate::id::UserId

mod collect;
mod place;
mod reference;
mod refusal;
mod wanted;

pub use collect::{Collected, Hint, collect};
pub use place::{Told, end};
pub use reference::OrderRef;
pub use refusal::{ErrorCode, Refusal};
pub use wanted::{Call, Wanted};

#[cfg(test)]
mod tests;

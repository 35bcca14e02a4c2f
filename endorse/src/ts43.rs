//! GSMA TS.43: EAP-AKA over HTTP and JSON, which every Android phone has a client for.
//!
//! A phone names itself and an application ([`Asked`]); EAP packets travel in JSON ([`packet`],
//! [`read_packet`]); in the end a document holds the token ([`Granted`]). EAP itself is elsewhere.
//!
//! ```
//! use endorse::ts43::Asked;
//!
//! let asked = Asked::collect([
//!     ("EAP_ID", "0001010000000001@nai.epc.mnc001.mcc001.3gppnetwork.org"),
//!     ("terminal_id", "490154203237518"),
//!     ("app", "ap2004"),
//! ])?;
//! assert_eq!(asked.imsi().map(endorse::Imsi::as_str), Some("001010000000001"));
//! # Ok::<(), endorse::ts43::InvalidAsked>(())
//! ```

mod asked;
mod granted;
mod relay;

pub use asked::{AppId, Asked, InvalidAsked, Operation};
pub use granted::{Granted, Temporary};
pub use relay::{CONTENT_TYPE, packet, read_packet};

//! EAP-SIM, EAP-AKA and EAP-AKA' (RFC 4186, RFC 4187, RFC 9048): octets in, octets out, into the
//! caller's buffers.
//!
//! | you want | look at |
//! |---|---|
//! | to read and write packets | [`Packet`], [`PacketWriter`] |
//! | their attributes | [`Attribute`], [`Attributes`] |
//! | the keys of EAP-AKA, and of either method | [`MkKeys`], [`SessionKeys`] |
//! | to log in with a card | [`Peer`], [`peer`] |
//! | to authenticate a card | [`Server`], [`server`] |
//! | AT_MAC | [`MacKey`], [`Packet::verify_mac`], [`PacketWriter::finish_with_mac`] |
//!
//! ```
//! use aka::eap::{Attribute, Code, Method, Packet, PacketWriter, Subtype};
//!
//! let mut room = [0; 64];
//! let writer = PacketWriter::new(&mut room, Code::Request, 7, (Method::Aka, Subtype::Identity));
//! let request = writer.put(&Attribute::AnyIdReq).finish()?;
//!
//! let packet = Packet::parse(request)?;
//! assert_eq!((packet.identifier(), packet.subtype()), (7, Subtype::Identity));
//! assert!(packet.attributes().any_id_req());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod asked;
mod attribute;
mod attributes;
mod checkcode;
mod cipher;
mod granted;
mod gsm;
mod keys;
mod mac;
mod nai;
mod negotiation;
mod packet;
pub mod peer;
mod prf;
mod random;
mod resumption;
mod sealed;
pub mod server;
mod writer;

pub use attribute::Attribute;
pub use attributes::Attributes;
pub use keys::{MkKeys, SessionKeys};
pub use mac::MacKey;
pub use nai::{InvalidName, Nai, NaiKind, NetworkName};
pub use packet::{Code, Header, Malformed, Method, Packet, Subtype};
pub use peer::{Challenge, Event, GsmChallenge, Identities, Peer, PeerError};
pub use resumption::Resumption;
pub use server::{Answer, Next, Purpose, Reason, Server, ServerError, Step, Wanted};
pub use writer::{NoRoom, PacketWriter};

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
//! | what goes on from one login to the next | [`Resumption`], [`Nai`], [`Next`] |
//! | AT_MAC | [`MacKey`], [`Packet::verify_mac`], [`PacketWriter::finish_with_mac`] |
//!
//! Where the standards' clauses are:
//!
//! | clause | what | where |
//! |---|---|---|
//! | RFC 4187 §4.1, RFC 4186 §4.2 | identities, and which are asked for in what order | [`Nai`], [`peer::Privacy`], [`Step::NeedVector`] |
//! | RFC 4187 §5, RFC 4186 §5 | fast re-authentication | [`Resumption`], [`Peer::with_resumption`], [`Answer::Resume`] |
//! | RFC 4187 §6, RFC 4186 §6 | notifications, protected results, client errors | [`Peer::notification`], [`Reason`], [`server::Denial`] |
//! | RFC 4187 §6.3 | a stale challenge, AT_AUTS | [`Purpose::Resynchronise`] |
//! | RFC 4187 §7, RFC 4186 §7 | the keys of EAP-AKA and EAP-SIM | [`MkKeys`] |
//! | RFC 4187 §8.1, §10, RFC 4186 §10 | attributes | [`Attribute`], [`Attributes`] |
//! | RFC 4187 §10.12 | AT_ENCR_DATA | [`Next`], [`Peer::next_pseudonym`] |
//! | RFC 4187 §10.13, RFC 9048 §3.5 | AT_CHECKCODE | checked by both sides, but for EAP-SIM |
//! | RFC 4187 §10.15, RFC 9048 §3.1 | AT_MAC | [`MacKey`] |
//! | RFC 4186 §10.8, §10.9 | versions, two or three different RAND | [`GsmChallenge`], [`Answer::Triplets`] |
//! | RFC 9048 §3.1 | AT_KDF_INPUT, the network's name | [`NetworkName`], [`Peer::aka_prime`] |
//! | RFC 9048 §3.2 | AT_KDF and its negotiation | [`Server::with_decoy_kdf`] shows it |
//! | RFC 9048 §3.3 | the keys of EAP-AKA' | [`EapKeys`](crate::kdf::eap_prime::EapKeys) |
//! | RFC 9048 §4 | AT_BIDDING | [`peer::Bidding`], [`Server::with_aka_prime_available`] |
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
pub use resumption::{InvalidResumption, Resumption};
pub use server::{Answer, Next, Purpose, Reason, Server, ServerError, Step, Wanted};
pub use writer::{NoRoom, PacketWriter};

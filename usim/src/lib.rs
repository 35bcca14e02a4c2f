//! Talk to a SIM, USIM or ISIM over PC/SC, AT commands, a remote server or a software card.
//!
//! # An IMSI in five lines
//!
//! ```
//! # #[cfg(feature = "soft")] {
//! use usim::{Card, soft::{Profile, SoftCard}};
//!
//! let mut card = Card::open(SoftCard::new(Profile::default()))?;
//! assert_eq!(card.usim()?.imsi()?.as_str(), "001010000000001");
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! A card in a reader is `PcscTransport::connect(0)?` in place of the software card, one in a modem
//! `SerialTransport::open("/dev/ttyUSB2", Options::default())?`: everything behind
//! [`Card::open`] stays as it is.
//!
//! # A program that needs a SIM, wherever it is
//!
//! An eNB, an ePDG, a GBA or IMS tool asks two things of a SIM: who are you, and what do you answer
//! to this challenge. [`Subscriber`] is that, and [`Place`] finds one by the name that a command
//! line gives:
//!
//! ```
//! use aka::{Autn, Rand};
//! use usim::{ApplicationKind, Authentication, CardError, Error, Place, Subscriber};
//!
//! # #[cfg(feature = "soft")] {
//! let mut subscriber = "soft".parse::<Place>()?.subscriber()?;
//! println!("attaching {}", subscriber.identity()?.imsi.as_str());
//!
//! let (rand, autn) = (Rand::new([0x23; 16]), Autn::new([0x55; 16])); // from the network
//! match subscriber.authenticate(ApplicationKind::Usim, &rand, &autn) {
//!     Ok(Authentication::Success(keys)) => println!("answer {:x}", keys.res.expose_hex()),
//!     Ok(Authentication::SyncFailure(auts)) => println!("send back {:x}", auts.hex()),
//!     Err(Error::Card(CardError::MacFailure)) => println!("not from the subscriber's home"),
//!     Err(error) => println!("{:?} is to blame: {error}", error.fault()),
//! }
//! # }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What it does not do by itself
//!
//! AUTHENTICATE burns a sequence number and a PIN command may burn a try: each is sent once,
//! whatever happens, and the outcome is a value or a typed error. Reads are done over after someone
//! else's reset of the card. [`exchange`] says what is sent again, and by which clause.
//! The last try of a PIN is kept unless [`LastTry::Risk`] is said.
//!
//! # Where things are
//!
//! | you want | look at |
//! |---|---|
//! | sessions with a card, files, PINs | [`Card`], [`Usim`], [`Isim`], [`Sim`], [`Session`] |
//! | what an embedding program codes against | [`Subscriber`], [`Place`] |
//! | the ways to a card, and decorators around them | [`transport`] |
//! | a card made of software | `soft` |
//! | a card on a thread of its own, for async callers | `worker` |
//! | commands, answers, status words, channels | [`apdu`], [`exchange`] |
//! | what files and answers say | [`mod@file`], [`fcp`], [`authenticate`], [`tlv`] |
//! | AT commands as octets | [`at`] |
//!
//! # Features
//!
//! None is on by default.
//!
//! - `pcsc`: a card in a PC/SC reader; needs libpcsclite.
//! - `serial`: a SIM in a modem, by AT commands.
//! - `remote`: a SIM behind an HTTPS server, in three dialects.
//! - `soft`: the software card, in process, in a virtual reader, or as a modem on a pty.
//! - `tokio`: `worker`, one thread a card behind a bounded queue.
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
mod place;
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
pub use place::{InvalidPlace, Place};
pub use session::{FileInfo, Session};
pub use subscriber::{
    ApplicationKind, Authentication, GbaBootstrapping, GsmAuthentication, Identity, ImsIdentity,
    Keys, KsExtNaf, Subscriber,
};

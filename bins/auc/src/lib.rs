//! An authentication centre: the home that knows the subscribers' keys and counts their sequence
//! numbers (TS 33.102 §6.3).
//!
//! ```
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! use aka::Rand;
//! use auc::{Centre, Journal, Kept, Subscribers};
//!
//! # let folder = tempfile::tempdir()?;
//! let subscribers = Subscribers::parse(
//!     "imsi,k,opc\n\
//!      001010000000001,465b5ce8b199b49faa5f0a2ee238a6bc,cd63cb71954a9f4e48a5994e37a02baf\n",
//! )?;
//! let imsi = "001010000000001".parse()?;
//! let journal = Journal::open(folder.path().join("sqn"), subscribers.numbers())?;
//!
//! let centre = Centre::new(Kept::new(subscribers, journal));
//! let vector = centre.vector(&imsi, Rand::generate(getrandom::fill)?).await?;
//! println!("RAND {:x}, AUTN {:x}", vector.rand.hex(), vector.autn.hex());
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//! A [`Directory`] holds the subscribers: [`Kept`] has them from a file ([`Subscribers`]) and their
//! sequence numbers in a [`Journal`] that no crash takes back; [`SqlDirectory`] is a database for
//! any number of centres (feature `sql`, on by default). [`Centre`] makes the vectors. [`eap_sim_db`] is hostapd's protocol,
//! [`Responder`] answers it, [`Socket`] receives it. [`explain`] shows how a vector comes about,
//! [`diagnose`] finds what is wrong with keys or tokens. [`bsf`] is the home's side of GBA.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod bsf;
mod centre;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod diagnose;
mod directory;
pub mod eap_sim_db;
pub mod explain;
pub mod export;
pub mod http;
mod journal;
mod keys;
mod responder;
mod socket;
mod subscriber;
mod subscriber_file;

pub use centre::{Centre, CentreError, Use};
#[cfg(feature = "sql")]
pub use directory::{Added, OnConflict, SqlDirectory, SqlError};
pub use directory::{Directory, DirectoryError, Kept};
pub use journal::{Journal, JournalError};
pub use keys::{
    AlgorithmName, Functions, InvalidConstantsText, Keys, XorForTests, constants_from_text,
    constants_to_text,
};
pub use responder::{Event, Failure, Reply, Responder};
pub use socket::{Socket, SocketError};
pub use subscriber::{ResLength, Subscriber, Subscribers};
pub use subscriber_file::{InvalidSubscribers, Problem};

//! An authentication centre: the home that knows the subscribers' keys and counts their sequence
//! numbers (TS 33.102 §6.3).
//!
//! ```
//! use aka::{Rand, Sqn};
//! use auc::{Centre, Journal, Subscribers};
//!
//! # let folder = tempfile::tempdir()?;
//! let subscribers = Subscribers::parse(
//!     "imsi,k,opc\n\
//!      001010000000001,465b5ce8b199b49faa5f0a2ee238a6bc,cd63cb71954a9f4e48a5994e37a02baf\n",
//! )?;
//! let imsi = "001010000000001".parse()?;
//! let journal = Journal::open(folder.path().join("sqn"), subscribers.numbers())?;
//!
//! let centre = Centre::new(subscribers, journal);
//! let vector = centre.vector(&imsi, Rand::generate(getrandom::fill)?)?;
//! println!("RAND {:x}, AUTN {:x}", vector.rand.hex(), vector.autn.hex());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where things are
//! [`Subscribers`] reads the file with the keys, [`Journal`] keeps the sequence numbers through
//! crashes, [`Centre`] makes vectors of both. [`eap_sim_db`] is hostapd's protocol,
//! [`Responder`] answers it, [`Socket`] receives it. [`explain`] shows how a vector comes about,
//! [`diagnose`] finds what is wrong with keys or tokens.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

mod centre;
pub mod diagnose;
pub mod eap_sim_db;
pub mod explain;
mod journal;
mod responder;
mod socket;
mod subscriber;
mod subscriber_file;

pub use centre::{Centre, CentreError};
pub use journal::{Journal, JournalError};
pub use responder::{Event, Failure, Reply, Responder};
pub use socket::{Socket, SocketError};
pub use subscriber::{ResLength, Subscriber, Subscribers};
pub use subscriber_file::{InvalidSubscribers, Problem};

//! An identity provider without passwords, as a library: orders signed with passkeys, evidence that
//! anyone verifies offline, OpenID Connect, and a store with compare-and-set semantics.
//!
//! The crate opens no socket, reads no clock and knows no runtime: `now`, randomness and the store are
//! arguments, and whatever a protocol asks is answered by a function from request to decision.
//!
//! ```
//! use passkey_idp::store::{MemoryStore, Store};
//! use passkey_idp::{Duration, Instant};
//!
//! let store = MemoryStore::new();
//! let now = Instant::from(std::time::SystemTime::now());
//! let until = now.plus(Duration::from_seconds(300));
//! assert!(until > now);
//! # let _: &dyn Store = &store;
//! ```
//!
//! # Where to begin
//!
//! 1. `cargo run -p passkey-idp --example embed` and <http://localhost:3000>: a passkey login in an axum app, in
//!    79 lines. They are all that an embedder needs: an [`Approver`](approval::Approver), a
//!    [`Placement`](order::Placement), and two calls for each of registering and signing in.
//! 2. Put [`What::Sign`](order::What::Sign) in the place of `What::SignIn`: the same two calls sign a document,
//!    and [`evidence`] proves it.
//! 3. Put a store of the feature `sqlx` in the place of [`MemoryStore`](store::MemoryStore), and load the signing
//!    key and the sealing key from files.
//! 4. For a server of its own with OpenID Connect, pages and a command line take `passkey-server`; the service
//!    `demo-rp` shows its other side.
//!
//! # Where things are
//!
//! | you want | look at |
//! |---|---|
//! | to ask a user for something, and to follow what becomes of it | [`order`] |
//! | to approve an order with a passkey, and to make a user with their first one | [`approval`] |
//! | to prove what was signed, without the server | [`evidence`] |
//! | what exactly a passkey signs | [`binding`] |
//! | passkeys: options for a browser, and verifying its answer | [`webauthn`] |
//! | users and their passkeys, as they are kept | [`user`], [`credential`] |
//! | to rename or remove a passkey, or a user | [`account`] |
//! | animated QR codes | [`qr`] |
//! | applications and where they send users back to | [`application`] |
//! | which characters nobody sees | [`visible`] |
//! | identifiers, and secrets that are stored as digests | [`id`], [`random`] |
//! | secrets that must be read again | [`seal`] |
//! | OAuth and OpenID Connect | [`oauth`] |
//! | to ask a user without a browser of theirs (CIBA) | [`ciba`] |
//! | the same for libraries that speak BankID's API | [`bankid`] |
//! | to send messages to applications | [`delivery`] |
//! | to keep something, and to change it exactly once | [`store`] |
//!
//! # Features
//!
//! - `conformance`: what every store must do, as a suite of tests.
//! - `sqlx`: a store in SQLite or PostgreSQL, on tokio.
//! - `test-authenticator`: passkeys in software, which misbehave when they are told to.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

pub mod account;
pub mod application;
pub mod approval;
pub mod bankid;
pub mod binding;
pub mod ciba;
pub mod credential;
pub mod delivery;
pub mod evidence;
pub mod id;
pub mod oauth;
pub mod order;
pub mod qr;
pub mod random;
pub mod seal;
pub mod store;
mod time;
pub mod user;
pub mod visible;
pub mod webauthn;

pub use time::{Duration, Instant};

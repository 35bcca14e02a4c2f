//! A signed token that says which SIM is asking, and that anyone verifies offline.
//!
//! A device proves its SIM to an issuer, over any network, and carries a token away. A service accepts
//! it if it comes from the issuer that it trusts, was made for this service, has been signed by one of
//! the issuer's keys, and is fresh. This crate issues such tokens and verifies them; it knows nothing of
//! SIMs itself: an issuer is told what someone has verified.
//!
//! ```
//! use endorse::{Claims, Issuer, Method, PairwiseSubjects, Sim, Verifier};
//! use strict_jws::{Algorithm, KeyRing, Signer, SigningKey, SystemRandom};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let random = SystemRandom::new();
//! let now = std::time::SystemTime::now().into();
//!
//! // The issuer has proven the SIM.
//! let pem = SigningKey::generate_pem(Algorithm::Es256, &random)?;
//! let ring = KeyRing::new(Signer::certifying(SigningKey::from_pem(&pem, &random)?), 300);
//! let issuer = Issuer::native("https://endorse.example".parse()?);
//!
//! let audience = "https://api.example".parse()?;
//! let subject = PairwiseSubjects::new(&[7; 32]).subject(&"001010000000001".parse()?, &audience);
//! let claims = Claims::new(audience, subject, Sim::proven_by(Method::Aka));
//! let issued = issuer.issue(&claims, ring.active(), now, &random)?;
//!
//! // The service needs the issuer's public keys, and nobody's help.
//! let verifier = Verifier::native(
//!     "https://endorse.example".parse()?,
//!     "https://api.example".parse()?,
//!     ring.published(now),
//! );
//! let endorsement = verifier.verify(&issued.token, now)?;
//! assert_eq!(endorsement.claims, claims);
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//!
//! | you want | look at |
//! |---|---|
//! | to protect an API with axum | `layer` (feature `axum`) |
//! | to verify a token | [`Verifier`], and [`Refusal`] for why not |
//! | the issuer's keys from a file, a folder or a URL | [`keys`] |
//! | each token once, known SIMs only, keys proven, revocation | [`SingleUse`], [`SimPairs`], [`dpop`], `status_list` |
//! | to get a token for a device's SIM | `client` (feature `client`) |
//! | to issue | [`Issuer`], [`Claims`], [`PairwiseSubjects`] |
//! | what SORACOM's own clients say | [`keys_api`] |
//! | what Android phones say | [`ts43`] |
//! | to make sure that nobody stands between device and issuer | [`confirm`] |
//!
//! There are two profiles, and no verifier takes both: native tokens, and those in the format of
//! SORACOM Endorse, which existing verifiers read.
//!
//! # Features
//!
//! - `axum`: the layer and its extractor.
//! - `client`: a device's side; `client-tokio`: the same beside a runtime.
//! - `http`: tokens from a `HeaderMap`.
//! - `remote`: keys over HTTPS.
//! - `status-list`: token status lists.
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

mod body;
mod claims;
#[cfg(feature = "client")]
pub mod client;
pub mod confirm;
pub mod dpop;
#[cfg(feature = "http")]
pub mod headers;
mod issuer;
pub mod keys;
pub mod keys_api;
#[cfg(feature = "axum")]
pub mod layer;
mod name;
mod pairwise;
mod policy;
mod presented;
mod profile;
mod refusal;
mod sim;
mod single_use;
#[cfg(feature = "status-list")]
pub mod status_list;
pub mod ts43;
mod verifier;

pub use body::InvalidBody;
pub use claims::{Claims, Endorsement, StatusReference};
pub use issuer::{IssueError, Issued, Issuer};
pub use name::{Audience, InvalidName, IssuerId, Subject};
pub use pairwise::PairwiseSubjects;
pub use policy::{Policy, SimPairs};
pub use presented::Presented;
pub use profile::NATIVE_TYP;
pub use refusal::Refusal;
pub use sim::{
    Imei, Imsi, InvalidIdentity, Method, Msisdn, RequestParameters, Sim, SimId, TooManyParameters,
};
pub use single_use::{MemorySingleUse, SingleUse, StoreFails, Use};
pub use strict_jws::UnixTime;
pub use verifier::{Binding, Verifier};

//! Compact JWS on `ring` that refuses everything it should.
//!
//! A token is accepted if it is written in the one form that such a token has, its header holds `alg`,
//! `kid` and the expected `typ` and nothing else, the verifier has a key of that name, that key is for
//! that algorithm, and the signature verifies. The payload cannot be read before. There is no
//! `none`, no HMAC, no key from the token, no `crit`, no JSON serialisation, and no switch that brings
//! them back.
//!
//! ```
//! use strict_jws::{Algorithm, KeySet, Policy, Signer, SigningKey, SystemRandom};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let random = SystemRandom::new();
//! let pem = SigningKey::generate_pem(Algorithm::Es256, &random)?; // kept in a file
//! let signer = Signer::certifying(SigningKey::from_pem(&pem, &random)?);
//! let token = signer.sign(Some("greeting+jwt"), br#"{"hello":"world"}"#, &random)?;
//!
//! let mut keys = KeySet::new();
//! keys.insert(signer.key_id().clone(), signer.public().clone())?;
//! let verified = keys.verify(&token, &Policy::typed("greeting+jwt"))?;
//! assert_eq!(verified.payload(), br#"{"hello":"world"}"#);
//! # Ok(())
//! # }
//! ```
//!
//! # Where things are
//!
//! | you want | look at |
//! |---|---|
//! | to verify a token | [`KeySet::verify`], or [`Unverified`] if the keys are elsewhere |
//! | to know why it was refused | [`Refusal`] |
//! | to sign | [`Signer`], and [`KeyRing`] for keys that change |
//! | keys as PEM, DER or JWK | [`PublicKey`], [`SigningKey`] |
//! | a JWK set | [`KeySet::from_jwks`], [`KeySet::to_jwks`] |
//! | tokens that carry their key | [`proof`], and [`dpop`] for requests |
//! | to read or write claims | [`json`] |
#![warn(clippy::exhaustive_enums, clippy::exhaustive_structs)]

mod algorithm;
pub mod base64;
pub mod dpop;
mod header;
pub mod json;
mod key;
mod key_id;
mod key_ring;
mod key_set;
mod policy;
pub mod proof;
mod refusal;
mod signer;
mod time;
mod token;

pub use algorithm::Algorithm;
pub use header::Header;
pub use key::{
    Attribute, InvalidKey, InvalidSigningKey, InvalidThumbprint, PublicKey, Signature,
    SigningFailed, SigningKey, Thumbprint,
};
pub use key_id::{InvalidKeyId, KeyId};
pub use key_ring::{KeyRing, KeyRingError};
pub use key_set::{DuplicateKeyId, InvalidKeySet, KeySet, Unsupported};
pub use policy::Policy;
pub use refusal::{Part, Refusal};
pub use ring::rand::{SecureRandom, SystemRandom};
pub use signer::Signer;
pub use time::UnixTime;
pub use token::{Unverified, Verified};

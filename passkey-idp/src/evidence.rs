//! Evidence: what was signed, by which passkey, when; verified by anyone, offline, in ten years.
//!
//! A package is one line of JSON: `format`, the server's public key (`jwk`), and a JWS of that key over the
//! [`Statement`]. The statement holds what the order was, what the passkey answered, and the passkey's
//! public key. Two signatures stand behind it:
//! - the **passkey's**, on the order: relying party, application, order, requested user, nonce, expiry, media
//!   type, text and data ([`binding`](crate::binding)). Whoever runs the server cannot change these;
//! - the **server's**, on all of it: whose passkey it is, and when it signed. For that one trusts the server,
//!   whose key one should know from elsewhere ([`Trust::Keys`]).
//!
//! A package has one form. Whatever is changed in it, added or left out is noticed.
//!
//! ```no_run
//! use passkey_idp::evidence::{Trust, verify};
//!
//! let package = std::fs::read_to_string("evidence.json")?;
//! let verified = verify(&package, &Trust::Embedded)?;
//! println!("{} signed {:?}", verified.statement.user, verified.statement.text);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod kept;
mod package;
#[cfg(any(test, feature = "test-authenticator"))]
mod sample;
mod statement;
mod verify;

pub use kept::Evidence;
pub use package::{FORMAT, SealPackageError, read_unverified, seal};
pub(crate) use statement::Signer;
pub use statement::{Act, Proof, Statement};
pub use verify::{Refusal, Trust, Verified, verify};

//! Keys: the octets are checked once, and the key fixes the algorithm.

mod der;
mod error;
mod jwk;
mod p256;
mod pem;
mod public;
mod rsa;
mod signing;
mod small_order;
mod spki;

pub use error::{Attribute, InvalidKey};
pub use public::{InvalidThumbprint, PublicKey, Thumbprint};
pub use signing::{InvalidSigningKey, Signature, SigningFailed, SigningKey};

//! What AKA puts into a nonce, and into `auts` (RFC 3310 §3.2, §3.4).

use alloc::{string::String, vec::Vec};

use base64ct::{Base64, Encoding as _};

use super::quoted::Quoted;
use crate::{Autn, Auts, Rand};

/// A nonce or an `auts` is not base64 of what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected base64 of RAND and AUTN, or of AUTS")]
#[non_exhaustive]
pub struct InvalidNonce;

/// A nonce of AKA: base64 of RAND ‖ AUTN, and whatever the server adds (RFC 3310 §3.2).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct AkaNonce {
    /// The challenge.
    pub rand: Rand,
    /// Its token.
    pub autn: Autn,
    /// What the server adds, for itself.
    pub server_data: Vec<u8>,
}

impl AkaNonce {
    /// Puts a nonce together.
    pub const fn new(rand: Rand, autn: Autn, server_data: Vec<u8>) -> Self {
        Self {
            rand,
            autn,
            server_data,
        }
    }

    /// Reads a nonce.
    ///
    /// # Errors
    /// [`InvalidNonce`] unless it is canonical base64 of at least 32 octets.
    pub fn of(nonce: &Quoted) -> Result<Self, InvalidNonce> {
        let octets = Base64::decode_vec(nonce.as_str()).ok();
        let parts = octets.as_deref().and_then(|octets| {
            let (rand, rest) = octets.split_first_chunk::<16>()?;
            let (autn, server_data) = rest.split_first_chunk::<16>()?;
            Some((*rand, *autn, server_data.to_vec()))
        });
        let (rand, autn, server_data) = parts.ok_or(InvalidNonce)?;
        Ok(Self::new(rand.into(), autn.into(), server_data))
    }

    /// The nonce as text.
    pub fn text(&self) -> Quoted {
        let mut octets = self.rand.as_bytes().to_vec();
        octets.extend_from_slice(self.autn.as_bytes());
        octets.extend_from_slice(&self.server_data);
        Quoted::of_ascii(Base64::encode_string(&octets))
    }
}

/// Reads the value of `auts`.
///
/// # Errors
/// [`InvalidNonce`] unless it is canonical base64 of 14 octets.
pub fn auts_of(text: &str) -> Result<Auts, InvalidNonce> {
    let mut octets = [0; 15];
    let decoded = Base64::decode(text, &mut octets).ok();
    let auts = decoded.and_then(|octets| Auts::from_slice(octets).ok());
    auts.ok_or(InvalidNonce)
}

/// Base64 of octets that are no secret, as B-TIDs have it.
pub fn base64(octets: &[u8]) -> String {
    Base64::encode_string(octets)
}

/// The value of `auts`.
pub fn auts_text(auts: &Auts) -> String {
    Base64::encode_string(auts.as_bytes())
}

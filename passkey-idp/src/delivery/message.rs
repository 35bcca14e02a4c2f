//! What is delivered.

use std::fmt;

use serde::{Deserialize, Serialize};
use strict_jws::SecureRandom;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

use crate::seal::{SealFailed, Sealed, Sealer};

/// A request's content. `Debug` shows neither the body nor the token.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, Zeroize, ZeroizeOnDrop)]
#[non_exhaustive]
pub struct Message {
    /// The media type of the body.
    pub content_type: String,
    /// What the receiver knows the sender by (RFC 6750 §2.1).
    pub bearer: Option<String>,
    /// The body.
    pub body: String,
}

/// What messages are sealed with.
#[derive(Clone, Copy, Debug)]
#[expect(clippy::exhaustive_structs, reason = "the server has these")]
pub struct Sealing<'a> {
    /// The sealer.
    pub sealer: &'a Sealer,
    /// Random numbers.
    pub random: &'a (dyn SecureRandom + Sync),
}

impl Sealing<'_> {
    /// Seals a value for `place`.
    pub(crate) fn seal(self, place: &str, value: &impl Serialize) -> Result<Sealed, SealFailed> {
        let text = serde_json::to_string(value).or(Err(SealFailed))?;
        self.sealer
            .seal(place, Zeroizing::new(text).as_bytes(), self.random)
    }
}

impl Message {
    /// A form.
    pub fn form(body: impl Into<String>) -> Self {
        Self {
            content_type: "application/x-www-form-urlencoded".to_owned(),
            bearer: None,
            body: body.into(),
        }
    }

    /// An object in JSON, from a sender who shows `bearer`.
    pub fn json(body: impl Into<String>, bearer: impl Into<String>) -> Self {
        Self {
            content_type: "application/json".to_owned(),
            bearer: Some(bearer.into()),
            body: body.into(),
        }
    }

    /// Seals it.
    pub(super) fn seal(&self, sealing: Sealing<'_>) -> Result<Sealed, SealFailed> {
        sealing.seal(PLACE, self)
    }

    /// Opens what was sealed.
    ///
    /// # Errors
    /// [`SealFailed`] if `sealer` is not the one that sealed it.
    pub fn open(sealed: &Sealed, sealer: &Sealer) -> Result<Self, SealFailed> {
        let octets = sealer.open(PLACE, sealed)?;
        serde_json::from_slice(&octets).or(Err(SealFailed))
    }
}

impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("content_type", &self.content_type)
            .finish_non_exhaustive()
    }
}

const PLACE: &str = "delivery/message";

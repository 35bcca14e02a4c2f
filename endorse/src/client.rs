//! A device's side: prove the SIM to an issuer, and carry a token away.
//!
//! [`Client`] talks to an issuer and blocks; with the feature `client-tokio` it also does so beside a
//! runtime. Whoever has a way over the network of their own drives [`Asking`] instead, which
//! does no I/O. The SIM is whatever implements [`Card`].
//!
//! ```no_run
//! use endorse::client::{Answer, Card, Client, SessionKeys, Wish};
//! use endorse::keys::{Https, Trust};
//!
//! /// A SIM, as this program reaches it.
//! struct MySim;
//!
//! impl Card for MySim {
//!     type Error = std::io::Error;
//!
//!     fn imsi(&mut self) -> Result<endorse::Imsi, Self::Error> {
//!         Ok("001010000000001".parse().expect("15 digits"))
//!     }
//!
//!     fn authenticate(&mut self, rand: &[u8; 16], autn: &[u8; 16]) -> Result<Answer, Self::Error> {
//! #       let (ck, ik) = (*rand, *autn);
//!         // AUTHENTICATE of TS 31.102 §7.1.2, which gives CK and IK, or AUTS
//!         Ok(Answer::Success(SessionKeys::new(ck, ik)))
//!     }
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new("https://endorse.example", Https::new(Trust::Public)?)?;
//! let token = client.endorse(&mut MySim, &Wish::new("https://api.example".parse()?))?;
//! println!("Authorization: Bearer {}", token.expose());
//! # Ok(())
//! # }
//! ```

use std::fmt;

use strict_jws::Thumbprint;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::{Audience, Imei, Imsi, RequestParameters};

mod blocking;
mod exchange;

pub use blocking::{Client, ClientError, InvalidOrigin};
pub use exchange::{Asked, Asking, Claiming, ExchangeError, Message, Next, Reply};

/// A SIM that says who it is and answers challenges, wherever it sits.
pub trait Card {
    /// Why it does not.
    type Error: std::error::Error + Send + Sync + 'static;

    /// The IMSI.
    ///
    /// # Errors
    /// The card cannot be reached, or does not tell.
    fn imsi(&mut self) -> Result<Imsi, Self::Error>;

    /// Answers a challenge (TS 33.102 §6.3.3). It is asked once for each challenge: an AUTHENTICATE
    /// must not be repeated.
    ///
    /// # Errors
    /// The card cannot be reached, or refuses AUTN.
    fn authenticate(&mut self, rand: &[u8; 16], autn: &[u8; 16]) -> Result<Answer, Self::Error>;
}

/// What a SIM makes of a challenge.
#[derive(Debug)]
#[expect(clippy::exhaustive_enums, reason = "TS 33.102 §6.3.3 closes the set")]
pub enum Answer {
    /// It is fresh.
    Success(SessionKeys),
    /// It is stale; this is AUTS, with which the home follows the SIM's sequence number.
    SyncFailure([u8; 14]),
}

/// CK and IK: wiped on drop, never shown.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct SessionKeys {
    ck: [u8; 16],
    ik: [u8; 16],
}

impl SessionKeys {
    /// Takes both.
    pub const fn new(ck: [u8; 16], ik: [u8; 16]) -> Self {
        Self { ck, ik }
    }
}

impl fmt::Debug for SessionKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionKeys([redacted])")
    }
}

/// What a device wants of a token.
#[derive(Clone, Debug)]
pub struct Wish {
    audience: Audience,
    nonce: Option<String>,
    key: Option<Thumbprint>,
    parameters: RequestParameters,
}

/// The request parameter under which a device tells its IMEI, which an issuer may put into the token.
const IMEI: &str = "imei";

impl Wish {
    /// A token for this audience.
    pub fn new(audience: Audience) -> Self {
        Self {
            audience,
            nonce: None,
            key: None,
            parameters: RequestParameters::default(),
        }
    }

    /// With the nonce that the audience gave.
    #[must_use]
    pub fn with_nonce(mut self, nonce: impl Into<String>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// Bound to a key of the device, without which the token is worth nothing (RFC 9449 §6.1): see
    /// [`dpop::prove`](crate::dpop::prove).
    #[must_use]
    pub fn bound_to(mut self, key: Thumbprint) -> Self {
        self.key = Some(key);
        self
    }

    /// With names and values that the token is to repeat. The one named `imei` stays.
    ///
    /// # Errors
    /// There are more of them than a token may hold.
    pub fn with_parameters(
        mut self,
        parameters: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, crate::TooManyParameters> {
        let imei = self.parameters.get(IMEI);
        let imei = imei.map(|imei| (IMEI.to_owned(), imei.to_owned()));
        self.parameters = RequestParameters::collect(parameters.into_iter().chain(imei))?;
        Ok(self)
    }

    /// With the number of the device, as the request parameter `imei`. The SIM proves itself and not
    /// the device: this is the device's own word, which the confirmation keeps from being changed on
    /// its way.
    ///
    /// # Errors
    /// There are more parameters than a token may hold.
    pub fn with_imei(mut self, imei: &Imei) -> Result<Self, crate::TooManyParameters> {
        let others = self.parameters.iter();
        let others = others.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let imei = (IMEI.to_owned(), imei.as_str().to_owned());
        self.parameters = RequestParameters::collect(others.chain([imei]).collect::<Vec<_>>())?;
        Ok(self)
    }
}

/// A token that an issuer gave; `Debug` does not show it.
#[derive(Clone)]
pub struct Token {
    text: String,
    expires_in: u64,
}

impl Token {
    /// Its text, for the field `Authorization`.
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// For how many seconds it is good.
    pub const fn expires_in(&self) -> u64 {
        self.expires_in
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token")
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

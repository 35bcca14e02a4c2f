//! Proofs of a device's key: DPoP (RFC 9449).

use std::sync::Arc;

use strict_jws::dpop::{self, Request};
use strict_jws::{SecureRandom, SigningFailed, SigningKey, Thumbprint, UnixTime};

use crate::single_use::{SingleUse, Use};

/// A proof as it was presented with a request.
#[derive(Clone, Copy)]
pub struct ProofOf<'r> {
    text: &'r [u8],
    method: &'r str,
    uri: &'r str,
}

impl<'r> ProofOf<'r> {
    /// The proof from the field `DPoP` of a request with this method for this URI. A query and a
    /// fragment of the URI do not count (RFC 9449 §4.2).
    pub fn new(text: &'r (impl AsRef<[u8]> + ?Sized), method: &'r str, uri: &'r str) -> Self {
        Self {
            text: text.as_ref(),
            method,
            uri,
        }
    }
}

impl std::fmt::Debug for ProofOf<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ProofOf")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// Why a proof is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofRefusal {
    /// It proves something else, or nothing.
    #[error(transparent)]
    Flawed(#[from] dpop::Flaw),
    /// It is of another key than the token's.
    #[error("it is of another key than the token's")]
    OtherKey,
    /// It has been presented before.
    #[error("it has been presented before")]
    Replayed,
    /// Whether it has been presented before cannot be told now.
    #[error("the store of presented proofs fails")]
    StoreFails,
}

/// How proofs are checked.
#[derive(Clone, Debug)]
pub struct ProofCheck {
    window: u64,
    once: Option<Arc<dyn SingleUse>>,
}

impl Default for ProofCheck {
    fn default() -> Self {
        Self::new()
    }
}

impl ProofCheck {
    /// Takes proofs that were made within the last 60 seconds.
    pub const fn new() -> Self {
        Self {
            window: 60,
            once: None,
        }
    }

    /// Takes each proof once (RFC 9449 §11.1).
    #[must_use]
    pub fn once(mut self, store: Arc<dyn SingleUse>) -> Self {
        self.once = Some(store);
        self
    }

    /// Takes proofs that were made within as many seconds.
    #[must_use]
    pub const fn with_window(mut self, seconds: u64) -> Self {
        self.window = seconds;
        self
    }

    /// Checks a proof of the key `expected` for `token` (RFC 9449 §4.3).
    ///
    /// # Errors
    /// [`ProofRefusal`]
    pub fn check(
        &self,
        proof: ProofOf<'_>,
        token: &[u8],
        expected: &Thumbprint,
        now: UnixTime,
    ) -> Result<(), ProofRefusal> {
        let request = Request::new(proof.method, proof.uri).with_token(token);
        let proven = dpop::verify(proof.text, request, self.window, now)?;
        if proven.key != *expected {
            return Err(ProofRefusal::OtherKey);
        }
        self.check_first_use(&proven.id, expected, proven.made, now)
    }

    fn check_first_use(
        &self,
        id: &str,
        key: &Thumbprint,
        made: UnixTime,
        now: UnixTime,
    ) -> Result<(), ProofRefusal> {
        let Some(store) = &self.once else {
            return Ok(());
        };
        let name = format!("dpop {key} {id}");
        match store.use_once(&name, made.plus(self.window), now) {
            Ok(Use::First) => Ok(()),
            Ok(Use::Repeated) => Err(ProofRefusal::Replayed),
            Err(_) => Err(ProofRefusal::StoreFails),
        }
    }
}

/// A proof of `key` for a request with `token` (RFC 9449 §4.2).
///
/// # Errors
/// [`SigningFailed`]
pub fn prove(
    key: &SigningKey,
    token: &str,
    request: (&str, &str),
    now: UnixTime,
    random: &dyn SecureRandom,
) -> Result<String, SigningFailed> {
    let (method, uri) = request;
    let request = Request::new(method, uri).with_token(token.as_bytes());
    dpop::prove(key, request, None, now, random)
}

//! What someone presents, and what the service knows of the occasion.

use std::fmt;

use crate::dpop::ProofOf;

/// A token as it was presented.
#[derive(Clone, Copy)]
pub struct Presented<'t> {
    pub(crate) token: &'t [u8],
    pub(crate) nonce: Option<&'t str>,
    pub(crate) proof: Option<ProofOf<'t>>,
}

impl<'t> Presented<'t> {
    /// A token without anything around it.
    pub fn new(token: &'t (impl AsRef<[u8]> + ?Sized)) -> Self {
        Self {
            token: token.as_ref(),
            nonce: None,
            proof: None,
        }
    }

    /// With the nonce that the service gave, which the token must have.
    #[must_use]
    pub fn expecting_nonce(mut self, nonce: &'t str) -> Self {
        self.nonce = Some(nonce);
        self
    }

    /// With a proof of the device's key (RFC 9449).
    #[must_use]
    pub fn with_proof(mut self, proof: ProofOf<'t>) -> Self {
        self.proof = Some(proof);
        self
    }
}

impl<'t, T: AsRef<[u8]> + ?Sized> From<&'t T> for Presented<'t> {
    fn from(token: &'t T) -> Self {
        Self::new(token)
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Presented([redacted])")
    }
}

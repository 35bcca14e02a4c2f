//! What is asked of a passkey beyond a good signature.

use std::collections::BTreeSet;

use super::Aaguid;
use super::core::Anchors;

/// What is asked of passkeys.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Policy {
    /// What must be known of new ones' authenticators.
    pub attestation: Attestation,
    /// What happens when a counter goes back.
    pub counter: CounterPolicy,
}

/// What must be known of a new passkey's authenticator.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Attestation {
    /// Nothing (`none`).
    #[default]
    None,
    /// Its model, certified by someone who is trusted for that (`direct`).
    Direct(Trust),
}

/// What happens when the counter of a passkey does not grow, as that of a copy would (WebAuthn §6.1.1).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CounterPolicy {
    /// Nothing is signed.
    #[default]
    Refuse,
    /// It is signed, and the passkey is marked.
    Flag,
}

/// Which models of authenticators are trusted, and whose certificates for them.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    pub(super) anchors: Anchors,
    models: BTreeSet<Aaguid>,
    revoked: BTreeSet<Aaguid>,
}

/// A certificate is not one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a certificate in DER")]
#[non_exhaustive]
pub struct InvalidTrust;

impl Trust {
    /// Nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Also `model`, certified under the certificate `anchor` (X.509 in DER).
    ///
    /// # Errors
    /// [`InvalidTrust`]
    pub fn model(mut self, model: Aaguid, anchor: &[u8]) -> Result<Self, InvalidTrust> {
        self.anchors.insert(model, anchor)?;
        self.models.insert(model);
        Ok(self)
    }

    /// But never `model`: its keys are known to others.
    #[must_use]
    pub fn revoked(mut self, model: Aaguid) -> Self {
        self.revoked.insert(model);
        self
    }

    pub(super) fn admits(&self, model: Aaguid) -> bool {
        self.models.contains(&model) && !self.revoked.contains(&model)
    }
}

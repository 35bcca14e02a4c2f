//! Approving an order with a passkey: the ceremony, the evidence and the order's step, in one commit.
//!
//! [`Approver::options`] says what to ask the browser; [`Approver::sign`] and [`Approver::register`] take its
//! answer. Either all is as it should be, and order, passkey, user and evidence change together, or
//! nothing changes.

mod options;
mod register;
mod sign;

use strict_jws::{SecureRandom, Signer, SigningFailed};

pub use options::{Begun, Options};

use crate::evidence::SealPackageError;
use crate::id::{OrderId, ViewerSecret};
use crate::order::{self, OrderError};
use crate::random::NoRandomness;
use crate::store::{Commit, Row, StoreError};
use crate::webauthn::{self, Policy, RelyingParty};
use crate::{Duration, Instant};

/// What approving needs besides a store and a browser's answer.
#[derive(Clone, Copy)]
#[expect(clippy::exhaustive_structs, reason = "whoever approves has these")]
pub struct Approver<'a> {
    /// Where passkeys belong.
    pub party: &'a RelyingParty,
    /// What is asked of them.
    pub policy: &'a Policy,
    /// The server's key, which signs the evidence.
    pub signer: &'a Signer,
    /// Random numbers.
    pub random: &'a (dyn SecureRandom + Sync),
    /// How long evidence of a document is kept.
    pub keep_documents: Duration,
}

/// Which order is approved, by whose page, when.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "an answer comes with nothing else"
)]
pub struct Call<'a> {
    /// The order.
    pub order: &'a OrderId,
    /// What the page is known by that views it.
    pub viewer: Option<&'a ViewerSecret>,
    /// Now.
    pub now: Instant,
}

impl<'a> Call<'a> {
    /// The order was viewed by no page in particular.
    pub const fn new(order: &'a OrderId, now: Instant) -> Self {
        Self {
            order,
            viewer: None,
            now,
        }
    }
}

/// Why an order is not approved. A browser is told the order's part only.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ApprovalError {
    /// The order does not allow it.
    #[error(transparent)]
    Order(#[from] order::Refusal),
    /// The order asks for the other ceremony.
    #[error("the order asks for something else")]
    OtherCeremony,
    /// Nobody here has that passkey, or its user may not sign.
    #[error("nobody here has that passkey")]
    UnknownPasskey,
    /// There is such a passkey already.
    #[error("the passkey is registered already")]
    Duplicate,
    /// The user to whom a passkey was to be added is not there.
    #[error("there is no such user")]
    UnknownUser,
    /// The answer is not right.
    #[error(transparent)]
    Passkey(#[from] webauthn::Refusal),
    /// The evidence could not be made.
    #[error(transparent)]
    Evidence(#[from] SealPackageError),
    /// The order could not be placed.
    #[error(transparent)]
    Place(#[from] order::PlaceError),
    /// The system gave no random numbers.
    #[error(transparent)]
    Randomness(#[from] NoRandomness),
    /// The store gives no answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<OrderError> for ApprovalError {
    fn from(error: OrderError) -> Self {
        match error {
            OrderError::Refused(refusal) => Self::Order(refusal),
            OrderError::Store(error) => Self::Store(error),
        }
    }
}

impl From<SigningFailed> for ApprovalError {
    fn from(_: SigningFailed) -> Self {
        Self::Randomness(NoRandomness)
    }
}

impl<'a> Approver<'a> {
    /// With that, and evidence of documents kept for ten years.
    pub const fn new(
        party: &'a RelyingParty,
        policy: &'a Policy,
        signer: &'a Signer,
        random: &'a (dyn SecureRandom + Sync),
    ) -> Self {
        let keep_documents = Duration::from_seconds(10 * 366 * 24 * 60 * 60);
        Self {
            party,
            policy,
            signer,
            random,
            keep_documents,
        }
    }

    /// Until when evidence is kept that was signed at `signed_at`.
    fn purge_at(&self, order: &order::Order, signed_at: Instant) -> Instant {
        let keep = match order.document() {
            Some(_) => self.keep_documents,
            None => order.grace,
        };
        signed_at.plus(keep.max(order.grace)).plus(order.retention)
    }
}

impl std::fmt::Debug for Approver<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Approver")
            .field("party", &self.party)
            .finish_non_exhaustive()
    }
}

/// The rows of a commit, or which change was refused.
fn made(commit: Commit) -> Result<Vec<Row>, usize> {
    match commit {
        Commit::Done(rows) => Ok(rows),
        Commit::Refused { at } => Err(at),
    }
}

/// How often what others change is read again.
const ATTEMPTS: usize = 5;

#[cfg(test)]
mod tests;

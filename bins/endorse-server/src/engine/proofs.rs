//! Proofs of keys, each taken once by all instances that share a store.

use std::sync::{Mutex, PoisonError};

use endorse::dpop::ProofRefusal;
use endorse::{Refusal, SingleUse, StoreFails, UnixTime, Use};

use super::ServerError;
use super::tokens::LEEWAY;
use crate::store::Store;

/// The names of the proofs that one verification saw: a verifier cannot wait for a store, so they
/// are used up there afterwards.
#[derive(Debug, Default)]
pub(super) struct ProofNames {
    seen: Mutex<Vec<(String, UnixTime)>>,
}

impl ProofNames {
    /// Uses them up.
    ///
    /// # Errors
    /// One has been used before, or the store failed.
    pub(super) async fn use_up(&self, store: &dyn Store, now: UnixTime) -> Result<(), ServerError> {
        let seen = std::mem::take(&mut *self.seen.lock().unwrap_or_else(PoisonError::into_inner));
        for (name, until) in seen {
            // a proof is still good in its last second, and clocks of instances may differ
            let until = until.plus(1 + LEEWAY);
            if !store.use_once(&name, until, now).await? {
                return Err(ServerError::Token(Refusal::Proof(ProofRefusal::Replayed)));
            }
        }
        Ok(())
    }
}

impl SingleUse for ProofNames {
    fn use_once(&self, name: &str, until: UnixTime, _now: UnixTime) -> Result<Use, StoreFails> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.push((name.to_owned(), until));
        Ok(Use::First)
    }
}

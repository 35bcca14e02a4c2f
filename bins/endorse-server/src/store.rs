//! What instances share: who was asked what, what is under way, the signing keys, and what was revoked.

use std::fmt;
use std::pin::Pin;

use aka::{Imsi, Rand};
use endorse::UnixTime;
use strict_jws::KeyId;
use zeroize::Zeroizing;

use crate::Purpose;
use crate::keys::{KeyUse, StoredKey};

#[cfg(feature = "conformance")]
pub mod conformance;
mod memory;
mod record;
mod sql;

pub use memory::MemoryStore;
pub use sql::{SqlError, SqlStore};

/// What a store gives back later.
pub type Task<'a, T> = Pin<Box<dyn Future<Output = Result<T, StoreError>> + Send + 'a>>;

/// Octets that nobody else may see.
pub type Secret = Zeroizing<Vec<u8>>;

/// A store failed.
#[derive(Debug, thiserror::Error)]
#[error("the store failed")]
pub struct StoreError(#[source] Box<dyn std::error::Error + Send + Sync>);

impl StoreError {
    /// Wraps what the store's own means report.
    pub fn new(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self(source.into())
    }
}

/// A SIM, and what it is asked for. Two purposes never share a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_structs, reason = "who, and what for")]
pub struct Whom {
    /// Whose SIM.
    pub imsi: Imsi,
    /// What for.
    pub purpose: Purpose,
}

/// How often a SIM may be asked within a minute, for each purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "an operator decides all of it")]
pub struct Budget {
    /// New vectors, each of which costs a sequence number.
    pub vectors: u32,
    /// Answers with a challenge, an earlier one included.
    pub challenges: u32,
}

impl Default for Budget {
    /// 10 vectors, 60 challenges.
    fn default() -> Self {
        Self {
            vectors: 10,
            challenges: 60,
        }
    }
}

/// What asking a SIM comes to.
#[derive(Debug)]
#[non_exhaustive]
pub enum Asked {
    /// It has an open challenge, which it is asked again.
    Again(Secret),
    /// It needs a new one, which whoever is told so makes.
    Anew,
    /// Somebody else is making one.
    Soon,
    /// Its budget is spent.
    TooOften,
    /// More SIMs are asked than the store keeps.
    Full,
}

/// The challenges: budgets, the open one of each SIM, and what waits for an answer.
pub trait Challenges: fmt::Debug + Send + Sync {
    /// Takes one challenge from the SIM's budget.
    fn ask<'a>(&'a self, whom: &'a Whom, budget: Budget, now: UnixTime) -> Task<'a, Asked>;

    /// Makes `vector` the SIM's open challenge until `until`, and tells which one counts: that, or
    /// the one that somebody else was faster with.
    fn offer<'a>(
        &'a self,
        whom: &'a Whom,
        vector: Secret,
        until: UnixTime,
        now: UnixTime,
    ) -> Task<'a, Secret>;

    /// Forgets the SIM's open challenge: it is asked anew next time.
    fn close<'a>(&'a self, whom: &'a Whom) -> Task<'a, ()>;

    /// Keeps something under way until `until`.
    fn keep<'a>(&'a self, name: &'a str, what: Secret, until: UnixTime) -> Task<'a, ()>;

    /// What is under way by this name.
    fn find<'a>(&'a self, name: &'a str, now: UnixTime) -> Task<'a, Option<Secret>>;

    /// The same, taken out: of all who ask, one gets it.
    fn take<'a>(&'a self, name: &'a str, now: UnixTime) -> Task<'a, Option<Secret>>;

    /// Gives the challenge with this RAND its one answer, which nobody gives again before `until`;
    /// `false` when it has been given.
    fn answer_once<'a>(&'a self, rand: &'a Rand, until: UnixTime, now: UnixTime) -> Task<'a, bool>;

    /// Uses a name, which is worth nothing from `until` on; `false` when it has been used. It stays
    /// used whatever happens to the machine. Such names and those of what is under way are apart.
    fn use_once<'a>(&'a self, name: &'a str, until: UnixTime, now: UnixTime) -> Task<'a, bool>;
}

/// The keys that sign.
pub trait SigningKeys: fmt::Debug + Send + Sync {
    /// All of them, retired ones included.
    fn keys(&self) -> Task<'_, Vec<StoredKey>>;

    /// Adds one; `false` when there is one of this name.
    fn add_key(&self, key: StoredKey) -> Task<'_, bool>;

    /// Lets an announced key sign from `from` on, and ends the publication of all others of this
    /// use that signed until then with `until`; `false` when it is not announced.
    fn promote<'a>(
        &'a self,
        key_id: &'a KeyId,
        key_use: KeyUse,
        from: UnixTime,
        until: UnixTime,
    ) -> Task<'a, bool>;

    /// Ends a key's publication with `until`; `false` when there is none of this name.
    fn retire<'a>(&'a self, key_id: &'a KeyId, until: UnixTime) -> Task<'a, bool>;

    /// The secret of this name: `fresh`, unless there is one already.
    fn secret<'a>(&'a self, name: &'static str, fresh: Secret) -> Task<'a, Secret>;
}

/// A token that is no longer good.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "a token's name and place")]
pub struct Revocation {
    /// Its name (`jti`).
    pub token_id: String,
    /// Its place in the status list.
    pub index: Option<u64>,
    /// When nobody takes it any more anyway.
    pub until: UnixTime,
}

/// What was revoked, and the places of the status list.
pub trait Revocations: fmt::Debug + Send + Sync {
    /// Takes so many places of the status list, of which the first is returned. They are numbered
    /// from 0 without end.
    fn reserve(&self, places: u32) -> Task<'_, u64>;

    /// Revokes a token.
    fn revoke(&self, revocation: Revocation) -> Task<'_, ()>;

    /// Whether a token was revoked.
    fn is_revoked<'a>(&'a self, token_id: &'a str) -> Task<'a, bool>;

    /// The places in the status list of the tokens that were revoked and might be taken.
    fn revoked(&self, now: UnixTime) -> Task<'_, Vec<u64>>;
}

/// All of it.
pub trait Store: Challenges + SigningKeys + Revocations {
    /// Forgets what is over.
    fn sweep(&self, now: UnixTime) -> Task<'_, ()>;

    /// Whether the store answers.
    fn probe(&self) -> Task<'_, ()>;
}

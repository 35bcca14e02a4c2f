//! A store for tests, simulators and whoever keeps the numbers elsewhere between runs.

use std::{collections::HashMap, fmt, hash::Hash, sync::Mutex};

use super::{SqnStore, Swap};
use crate::{Imsi, Sqn};

/// SQN_HE of each subscriber, in memory.
pub struct MemoryStore<Id = Imsi>(Mutex<HashMap<Id, Sqn>>);

/// Why a [`MemoryStore`] has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MemoryError {
    /// Nobody inserted this subscriber.
    #[error("unknown subscriber")]
    UnknownSubscriber,
    /// A thread panicked while it held the store.
    #[error("the store was left in the middle of a change")]
    Poisoned,
}

impl<Id: Eq + Hash> MemoryStore<Id> {
    /// An empty store.
    pub fn new() -> Self {
        Self(Mutex::default())
    }

    /// Adds a subscriber with the last number that was issued to it, and returns the store.
    #[must_use]
    pub fn with(self, subscriber: Id, sqn: Sqn) -> Self {
        self.insert(subscriber, sqn);
        self
    }

    /// Adds a subscriber with the last number that was issued to it, or overwrites that.
    pub fn insert(&self, subscriber: Id, sqn: Sqn) {
        let mut numbers = self.0.lock().unwrap_or_else(|poisoned| {
            self.0.clear_poison();
            poisoned.into_inner()
        });
        numbers.insert(subscriber, sqn);
    }
}

impl<Id: Eq + Hash> SqnStore for MemoryStore<Id> {
    type Subscriber = Id;
    type Error = MemoryError;

    fn load(&self, subscriber: &Id) -> Result<Sqn, MemoryError> {
        let Ok(numbers) = self.0.lock() else {
            return Err(MemoryError::Poisoned);
        };
        let stored = numbers.get(subscriber).copied();
        stored.ok_or(MemoryError::UnknownSubscriber)
    }

    fn compare_and_set(
        &self,
        subscriber: &Id,
        expected: Sqn,
        new: Sqn,
    ) -> Result<Swap, MemoryError> {
        let Ok(mut numbers) = self.0.lock() else {
            return Err(MemoryError::Poisoned);
        };
        let stored = numbers.get_mut(subscriber);
        let stored = stored.ok_or(MemoryError::UnknownSubscriber)?;
        if *stored != expected {
            return Ok(Swap::Lost(*stored));
        }
        *stored = new;
        Ok(Swap::Done)
    }
}

impl<Id: Eq + Hash> Default for MemoryStore<Id> {
    fn default() -> Self {
        Self::new()
    }
}

impl<Id> fmt::Debug for MemoryStore<Id> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore").finish_non_exhaustive()
    }
}

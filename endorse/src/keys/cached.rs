//! Keys that are kept, and fetched again now and then.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use strict_jws::{KeyId, KeySet, PublicKey, UnixTime};

use super::{KeySource, KeySourceError};

/// Reads keys from somewhere.
pub trait Load: fmt::Debug + Send + Sync {
    /// All keys, or at least those that are `known` and the `wanted` one. It may block.
    ///
    /// # Errors
    /// [`KeySourceError`]
    fn load(&self, known: &KeySet, wanted: Option<&KeyId>) -> Result<KeySet, KeySourceError>;
}

/// Keeps the keys that `L` loads: for 5 minutes, and at most once in 30 seconds, whatever is asked for.
#[derive(Debug)]
pub struct Cached<L> {
    load: L,
    max_age: u64,
    interval: u64,
    keys: RwLock<Keys>,
    /// When it was last tried. Whoever holds it loads; the others wait, and find the keys loaded.
    tried: Mutex<Option<UnixTime>>,
}

#[derive(Debug, Default)]
struct Keys {
    set: Vec<(KeyId, Arc<PublicKey>)>,
    loaded: Option<UnixTime>,
}

impl<L: Load> Cached<L> {
    /// Keeps what `load` loads, which is nothing until the first refresh.
    pub fn new(load: L) -> Self {
        Self {
            load,
            max_age: 300,
            interval: 30,
            keys: RwLock::default(),
            tried: Mutex::default(),
        }
    }

    /// Loads again after `max_age` seconds, and no more often than every `interval` seconds.
    #[must_use]
    pub fn with_times(mut self, max_age: u64, interval: u64) -> Self {
        self.max_age = max_age;
        self.interval = interval;
        self
    }

    fn known(&self) -> KeySet {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let mut known = KeySet::new();
        for (key_id, key) in &keys.set {
            known
                .insert(key_id.clone(), PublicKey::clone(key))
                .expect("they come from a set");
        }
        known
    }
}

impl<L: Load> KeySource for Cached<L> {
    fn find(&self, key_id: &KeyId) -> Option<Arc<PublicKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let found = keys.set.iter().find(|(known, _)| known == key_id);
        found.map(|(_, key)| Arc::clone(key))
    }

    fn is_due(&self, now: UnixTime) -> bool {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.loaded
            .is_none_or(|loaded| away(loaded, now) >= self.max_age)
    }

    fn refresh(&self, wanted: Option<&KeyId>, now: UnixTime) -> Result<(), KeySourceError> {
        let mut tried = self.tried.lock().unwrap_or_else(PoisonError::into_inner);
        if tried.is_some_and(|tried| away(tried, now) < self.interval) {
            return Ok(());
        }
        *tried = Some(now);
        let set = self.load.load(&self.known(), wanted)?;
        let shared = |(key_id, key): (&KeyId, &PublicKey)| (key_id.clone(), Arc::new(key.clone()));
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        *keys = Keys {
            set: set.iter().map(shared).collect(),
            loaded: Some(now),
        };
        Ok(())
    }
}

/// How many seconds lie between two points, whichever way a clock was set.
fn away(one: UnixTime, other: UnixTime) -> u64 {
    one.seconds().abs_diff(other.seconds())
}

//! Keys that are kept, and fetched again now and then.

use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use strict_jws::{KeyId, KeySet, PublicKey, UnixTime};

use super::{KeySource, KeySourceError};

/// Reads keys from somewhere.
pub trait Load: fmt::Debug + Send + Sync {
    /// All keys, or at least those that are `known` and the `wanted` ones. It may block.
    ///
    /// # Errors
    /// [`KeySourceError`]
    fn load(&self, known: &KeySet, wanted: &[KeyId]) -> Result<KeySet, KeySourceError>;
}

/// Keeps the keys that `L` loads, and loads at most once in 30 seconds, whatever is asked for.
///
/// After 5 minutes they are to be loaded again; meanwhile they still count, so that a source that is
/// slow or away holds nobody up. An hour later they are forgotten.
///
/// While one loads, others go on with the keys that are there. Whoever wants a key that is not waits
/// for it, for 5 seconds at the most, and 8 at a time; what they want is loaded next time at the latest.
#[derive(Debug)]
pub struct Cached<L> {
    load: L,
    max_age: u64,
    interval: u64,
    patience: u64,
    keys: RwLock<Keys>,
    turn: Mutex<Turn>,
    loaded: Condvar,
}

#[derive(Debug, Default)]
struct Keys {
    set: Vec<(KeyId, Arc<PublicKey>)>,
    loaded: Option<UnixTime>,
}

/// Whose turn it is to load.
#[derive(Debug, Default)]
struct Turn {
    tried: Option<UnixTime>,
    is_loading: bool,
    waiting: usize,
    /// The names that were asked for and are not known.
    wanted: Vec<KeyId>,
}

impl<L: Load> Cached<L> {
    /// Keeps what `load` loads, which is nothing until the first refresh.
    pub fn new(load: L) -> Self {
        Self {
            load,
            max_age: 300,
            interval: 30,
            patience: 3600,
            keys: RwLock::default(),
            turn: Mutex::default(),
            loaded: Condvar::new(),
        }
    }

    /// Loads again after `max_age` seconds, and no more often than every `interval` seconds.
    #[must_use]
    pub fn with_times(mut self, max_age: u64, interval: u64) -> Self {
        self.max_age = max_age;
        self.interval = interval;
        self
    }

    /// Lets keys that should have been loaded again count for as many seconds more: whoever keeps
    /// the source from answering keeps a withdrawn key in use for no longer.
    #[must_use]
    pub fn with_patience(mut self, seconds: u64) -> Self {
        self.patience = seconds;
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

    /// How many seconds ago the keys were loaded.
    fn age(&self, now: UnixTime) -> Option<u64> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        keys.loaded.map(|loaded| away(loaded, now))
    }

    fn is_tried(&self, turn: &Turn, now: UnixTime) -> bool {
        turn.tried
            .is_some_and(|tried| away(tried, now) < self.interval)
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What to load, for whoever's turn it is; the others wait where that is of use to them.
    fn begin(&self, wanted: Option<&KeyId>, now: UnixTime) -> Option<Vec<KeyId>> {
        let wanted = wanted.filter(|key_id| self.find(key_id).is_none());
        let mut turn = self.turn();
        if let Some(key_id) = wanted {
            turn.note(key_id);
        }
        if turn.is_loading {
            if wanted.is_some() || self.is_due(now) {
                self.wait(turn);
            }
            return None;
        }
        if self.is_tried(&turn, now) {
            return None;
        }
        (turn.tried, turn.is_loading) = (Some(now), true);
        Some(std::mem::take(&mut turn.wanted))
    }

    fn wait(&self, mut turn: MutexGuard<'_, Turn>) {
        if turn.waiting >= MOST_WAITING {
            return;
        }
        turn.waiting += 1;
        let waited = self
            .loaded
            .wait_timeout_while(turn, LONGEST_WAIT, |turn| turn.is_loading);
        let (mut turn, _) = waited.unwrap_or_else(PoisonError::into_inner);
        turn.waiting -= 1;
    }

    fn keep(&self, set: &KeySet, now: UnixTime) {
        let shared = |(key_id, key): (&KeyId, &PublicKey)| (key_id.clone(), Arc::new(key.clone()));
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        *keys = Keys {
            set: set.iter().map(shared).collect(),
            loaded: Some(now),
        };
    }

    fn forget(&self) {
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        *keys = Keys::default();
    }
}

impl<L: Load> KeySource for Cached<L> {
    fn find(&self, key_id: &KeyId) -> Option<Arc<PublicKey>> {
        let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
        let found = keys.set.iter().find(|(known, _)| known == key_id);
        found.map(|(_, key)| Arc::clone(key))
    }

    fn is_due(&self, now: UnixTime) -> bool {
        let longest = self.max_age.saturating_add(self.patience);
        self.age(now).is_none_or(|age| age >= longest)
    }

    fn is_aging(&self, now: UnixTime) -> bool {
        let turn = self.turn();
        let is_old = self.age(now).is_none_or(|age| age >= self.max_age);
        is_old && !turn.is_loading && !self.is_tried(&turn, now)
    }

    fn refresh(&self, wanted: Option<&KeyId>, now: UnixTime) -> Result<(), KeySourceError> {
        let Some(wanted) = self.begin(wanted, now) else {
            return Ok(());
        };
        let _turn = Loading(self);
        match self.load.load(&self.known(), &wanted) {
            Ok(set) => self.keep(&set, now),
            Err(error) => {
                if self.is_due(now) {
                    self.forget();
                }
                return Err(error);
            }
        }
        Ok(())
    }
}

/// Ends a turn, even if loading panics.
struct Loading<'c, L>(&'c Cached<L>);

impl<L> Drop for Loading<'_, L> {
    fn drop(&mut self) {
        let mut turn = self.0.turn.lock().unwrap_or_else(PoisonError::into_inner);
        turn.is_loading = false;
        self.0.loaded.notify_all();
    }
}

impl Turn {
    /// Of more names than there is room for, the oldest gives way: one that devices really use is
    /// asked for again.
    fn note(&mut self, key_id: &KeyId) {
        if self.wanted.contains(key_id) {
            return;
        }
        if self.wanted.len() == MOST_WANTED {
            self.wanted.remove(0);
        }
        self.wanted.push(key_id.clone());
    }
}

const MOST_WANTED: usize = 8;
const MOST_WAITING: usize = 8;
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// How many seconds lie between two points, whichever way a clock was set.
fn away(one: UnixTime, other: UnixTime) -> u64 {
    one.seconds().abs_diff(other.seconds())
}

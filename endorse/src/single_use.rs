//! Names that may be used once, remembered until they would be worth nothing anyway.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, PoisonError};

use strict_jws::UnixTime;

/// Whether a name is used for the first time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_enums, reason = "there is no third answer")]
pub enum Use {
    /// Nobody has used it before.
    First,
    /// It has been used.
    Repeated,
}

/// The store cannot tell; why, it has told its own log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store of used names fails")]
#[expect(clippy::exhaustive_structs, reason = "stores elsewhere say it")]
pub struct StoreFails;

/// Remembers names. Of any number of callers who use a name at once, one is the first.
pub trait SingleUse: fmt::Debug + Send + Sync {
    /// Uses `name`, which is worth nothing after `until`.
    ///
    /// # Errors
    /// [`StoreFails`], which refuses the token: whoever cannot remember must not accept.
    fn use_once(&self, name: &str, until: UnixTime, now: UnixTime) -> Result<Use, StoreFails>;
}

/// Remembers names in memory, for a service that runs as one process.
pub struct MemorySingleUse {
    names: Mutex<HashMap<Box<str>, UnixTime>>,
    capacity: usize,
}

impl MemorySingleUse {
    /// Remembers as many names as that; when they are all still worth something, it fails.
    pub fn new(capacity: usize) -> Self {
        Self {
            names: Mutex::default(),
            capacity,
        }
    }
}

impl Default for MemorySingleUse {
    /// For a million names.
    fn default() -> Self {
        Self::new(1_000_000)
    }
}

impl SingleUse for MemorySingleUse {
    fn use_once(&self, name: &str, until: UnixTime, now: UnixTime) -> Result<Use, StoreFails> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        if names.get(name).is_some_and(|until| now <= *until) {
            return Ok(Use::Repeated);
        }
        if names.len() >= self.capacity {
            names.retain(|_, until| now <= *until);
        }
        if names.len() >= self.capacity {
            return Err(StoreFails);
        }
        names.insert(name.into(), until);
        Ok(Use::First)
    }
}

impl fmt::Debug for MemorySingleUse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemorySingleUse")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    const NOW: UnixTime = UnixTime::from_seconds(1_700_000_000);

    #[test]
    fn a_name_is_used_once_until_it_is_worth_nothing() {
        let store = MemorySingleUse::default();
        let until = NOW.plus(10);
        assert_eq!(store.use_once("a", until, NOW), Ok(Use::First));
        assert_eq!(store.use_once("a", until, NOW), Ok(Use::Repeated));
        assert_eq!(store.use_once("b", until, NOW), Ok(Use::First));
        assert_eq!(store.use_once("a", until, until), Ok(Use::Repeated));
        assert_eq!(store.use_once("a", until, until.plus(1)), Ok(Use::First));
    }

    #[test]
    fn a_full_store_fails_until_something_is_worth_nothing() {
        let store = MemorySingleUse::new(1);
        let until = NOW.plus(10);
        assert_eq!(store.use_once("a", until, NOW), Ok(Use::First));
        assert_eq!(store.use_once("b", until, NOW), Err(StoreFails));
        assert_eq!(store.use_once("b", until, until.plus(1)), Ok(Use::First));
    }

    #[test]
    fn of_64_at_once_one_is_the_first() {
        let (store, barrier) = (MemorySingleUse::default(), Barrier::new(64));
        let first = std::thread::scope(|scope| {
            let users: Vec<_> = (0..64)
                .map(|_| {
                    scope.spawn(|| {
                        barrier.wait();
                        store.use_once("a", NOW.plus(10), NOW)
                    })
                })
                .collect();
            let answers = users.into_iter().map(|user| user.join().unwrap());
            answers.filter(|answer| *answer == Ok(Use::First)).count()
        });
        assert_eq!(first, 1);
    }
}

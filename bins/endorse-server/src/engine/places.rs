//! Places in the status lists, handed out from stretches that this instance has reserved.

use std::sync::{Mutex, PoisonError};

use crate::store::{Store, StoreError};

/// How many places one list has.
pub(crate) const LIST: u64 = 1 << 20;

/// How many places are reserved at once, so that few tokens wait for the store.
const STRETCH: u32 = 256;

/// The places that this instance may give to tokens.
#[derive(Debug, Default)]
pub(crate) struct Places {
    left: Mutex<std::ops::Range<u64>>,
}

impl Places {
    /// A place that no other token has.
    pub(crate) async fn next(&self, store: &dyn Store) -> Result<u64, StoreError> {
        if let Some(place) = self.take() {
            return Ok(place);
        }
        let first = store.reserve(STRETCH).await?;
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        // Whoever came at the same time has reserved a stretch too; the older one is given up.
        *left = first + 1..first + u64::from(STRETCH);
        Ok(first)
    }

    fn take(&self) -> Option<u64> {
        let mut left = self.left.lock().unwrap_or_else(PoisonError::into_inner);
        left.next()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::store::MemoryStore;

    #[tokio::test]
    async fn no_two_tokens_have_one_place_in_two_instances() {
        let (store, one, other) = (MemoryStore::default(), Places::default(), Places::default());
        let mut seen = HashSet::new();
        for _ in 0..600 {
            assert!(seen.insert(one.next(&store).await.unwrap()));
            assert!(seen.insert(other.next(&store).await.unwrap()));
        }
        assert!(seen.iter().all(|place| *place < 1536));
    }
}

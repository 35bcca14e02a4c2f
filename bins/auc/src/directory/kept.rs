//! Subscribers from a file, kept in memory, over a store of their sequence numbers.

use aka::{
    Imsi, Sqn,
    network::{SqnStore, Swap},
};

use super::{Directory, DirectoryError};
use crate::{Subscriber, Subscribers};

/// Subscribers in memory over a store such as the [`Journal`](crate::Journal).
///
/// The store's calls block for as long as the disk takes to synchronise a line.
#[derive(Debug)]
pub struct Kept<S> {
    subscribers: Subscribers,
    store: S,
}

impl<S> Kept<S> {
    /// A directory over `store`, which must know every subscriber.
    pub const fn new(subscribers: Subscribers, store: S) -> Self {
        Self { subscribers, store }
    }
}

impl<S> Directory for Kept<S>
where
    S: SqnStore<Subscriber = Imsi, Error: Send + Sync> + Send + Sync,
{
    async fn find(&self, imsi: &Imsi) -> Result<Option<Subscriber>, DirectoryError> {
        let Some(subscriber) = self.subscribers.get(imsi) else {
            return Ok(None);
        };
        let sqn = self.store.load(imsi).map_err(DirectoryError::new)?;
        Ok(Some(subscriber.clone().with_sqn(sqn)))
    }

    async fn knows(&self, imsi: &Imsi) -> Result<bool, DirectoryError> {
        Ok(self.subscribers.get(imsi).is_some())
    }

    async fn compare_and_set(
        &self,
        imsi: &Imsi,
        expected: Sqn,
        new: Sqn,
    ) -> Result<Swap, DirectoryError> {
        let swap = self.store.compare_and_set(imsi, expected, new);
        swap.map_err(DirectoryError::new)
    }
}

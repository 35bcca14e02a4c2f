//! The highest number that any instance has known, so that an old blob does not come back.

use passkey_idp::Instant;
use passkey_idp::store::{
    Change, Live, New, RowId, Set, Slot, Store, StoreExt as _, Stored, Where,
};

use super::{Issue, MdsError};

impl Issue {
    /// The highest number that was known of blobs under the same root.
    ///
    /// # Errors
    /// [`MdsError::Store`]
    pub async fn known(&self, store: &dyn Store) -> Result<Option<u64>, MdsError> {
        let found = store.find::<Slot>(&self.row()).await?;
        Ok(found.as_ref().map(number))
    }

    /// Remembers the number, for all instances.
    ///
    /// # Errors
    /// [`MdsError::Older`] if a higher one was known, and [`MdsError::Store`].
    pub async fn remember(&self, store: &dyn Store, now: Instant) -> Result<(), MdsError> {
        loop {
            let found = store.find::<Slot>(&self.row()).await?;
            let known = found.as_ref().map(number);
            if let Some(known) = known.filter(|known| *known > self.number) {
                let number = self.number;
                return Err(MdsError::Older { number, known });
            }
            if known == Some(self.number) {
                return Ok(());
            }
            // refused if another instance was faster; numbers only grow, so that this ends
            let changed = store
                .apply::<Slot>(self.change(found.as_ref()), now)
                .await?;
            if changed.is_some() {
                return Ok(());
            }
        }
    }

    fn change(&self, found: Option<&Stored<Slot>>) -> Change {
        let slot = Slot {
            record: self.number.to_string().parse().expect("digits name a row"),
        };
        match found {
            None => Change::insert(New::record(self.row(), Live, &slot)),
            Some(found) => {
                let unchanged = Where::<Slot>::id(found.id.clone()).version(found.version);
                Change::update(unchanged, Set::body_only(&slot))
            }
        }
    }

    fn row(&self) -> RowId {
        Slot::row_id("number of a metadata blob", &[self.root.as_bytes()])
    }
}

fn number(slot: &Stored<Slot>) -> u64 {
    slot.body.record.as_str().parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use passkey_idp::random::Digest;
    use passkey_idp::store::MemoryStore;

    use super::*;

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    fn issue(number: u64, root: &str) -> Issue {
        Issue {
            number,
            next_update: date(2030, 1, 1),
            root: Digest::sha256(root.as_bytes()),
        }
    }

    #[tokio::test]
    async fn a_lower_number_than_the_one_known_is_refused_and_changes_nothing() {
        let store = MemoryStore::new();
        assert_eq!(issue(7, "root").known(&store).await.unwrap(), None);
        for number in [7, 7, 12] {
            issue(number, "root").remember(&store, NOW).await.unwrap();
        }
        for number in [0, 7, 11] {
            let refused = issue(number, "root").remember(&store, NOW).await;
            let told = refused.unwrap_err().to_string();
            let expected = format!("the number {number}, and 12 was known");
            assert!(told.contains(&expected), "{told}");
        }
        assert_eq!(issue(7, "root").known(&store).await.unwrap(), Some(12));
    }

    #[tokio::test]
    async fn the_numbers_of_another_root_are_others() {
        let store = MemoryStore::new();
        issue(12, "root").remember(&store, NOW).await.unwrap();
        issue(1, "other").remember(&store, NOW).await.unwrap();
        assert_eq!(issue(1, "root").known(&store).await.unwrap(), Some(12));
    }
}

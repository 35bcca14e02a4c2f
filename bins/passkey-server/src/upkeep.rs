//! What goes on beside the requests.

use std::sync::Arc;
use std::time::Duration;

use passkey_idp::Instant;
use passkey_idp::store::{Store, StoreError};

use crate::keys::{Current, KeyError};
use crate::routes::oauth;
use crate::state::{App, now};

/// Sees what `key new` and `key retire` have done.
pub(crate) async fn follow_keys(app: Arc<App>) {
    loop {
        tokio::time::sleep(Duration::from_secs(2)).await;
        look_at_keys(&app, now()).await;
    }
}

/// The same once. A server whose store answers goes on with the keys that it has.
pub async fn look_at_keys(app: &App, now: Instant) {
    let loaded = Current::load(&*app.store, &app.sealer, &app.random, now).await;
    app.ready.set(&match &loaded {
        Err(error @ KeyError::Store(_)) => Err(error),
        _ => Ok(()),
    });
    match loaded {
        Ok(current) => {
            if app.keys.now().early().is_none() {
                warn_of_early(&current);
            }
            app.keys.replace(current);
        }
        Err(error) => {
            let error: &dyn std::error::Error = &error;
            tracing::error!(error, "the keys could not be read");
        }
    }
}

/// Says once that a key signs before its time.
pub(crate) fn warn_of_early(current: &Current) {
    if let Some(begins) = current.early() {
        tracing::warn!(
            begins = begins.unix_seconds(),
            "no key signs yet by this clock, so that the first that will does: is the clock right?"
        );
    }
}

/// Forgets what is over, every 20 seconds.
pub(crate) async fn sweep(app: Arc<App>) {
    loop {
        if let Err(error) = sweep_once(&*app.store, now()).await {
            let error: &dyn std::error::Error = &error;
            tracing::warn!(error, "what is over could not be forgotten");
        }
        finish_endings(&app, now()).await;
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
}

/// Revokes what is left of sessions whose end was cut off, and tells whoever was not told.
pub async fn finish_endings(app: &App, now: Instant) {
    if let Err(error) = oauth::finish_endings(app, now).await {
        let error: &dyn std::error::Error = &error;
        tracing::warn!(error, "what is left of sessions could not be read");
    }
}

/// Forgets all that is over at `now`, and says how much it was.
async fn sweep_once(store: &dyn Store, now: Instant) -> Result<usize, StoreError> {
    let mut all = 0;
    loop {
        let swept = store.sweep(now, AT_ONCE).await?;
        let count = u64::try_from(swept).unwrap_or(u64::MAX);
        metrics::counter!("passkey_rows_swept_total").increment(count);
        all += swept;
        if swept < AT_ONCE {
            return Ok(all);
        }
    }
}

/// So that others get their turn in between.
const AT_ONCE: usize = 1000;

#[cfg(test)]
mod tests {
    use passkey_idp::store::{
        Change, Commit, Hold, Kind, List, MemoryStore, PageSize, RowId, SqlStore,
    };

    use super::*;

    const NOW: Instant = Instant::from_unix_seconds(1_800_000_000);

    async fn fill(store: &dyn Store, count: usize, until: Instant) {
        let record: RowId = "a".parse().unwrap();
        let hold = |number: usize| {
            let id = Hold::row_id(
                "test",
                &[
                    &number.to_be_bytes(),
                    until.unix_millis().to_string().as_bytes(),
                ],
            );
            Hold::claim(id, record.clone(), until)
        };
        let changes: Vec<Change> = (0..count).map(hold).collect();
        let done = store.commit(changes, NOW).await.unwrap();
        assert!(matches!(done, Commit::Done(_)));
    }

    async fn sweeps_all_that_is_over_and_nothing_else(store: &dyn Store) {
        let later = NOW.plus(passkey_idp::Duration::from_seconds(60));
        fill(store, 2 * AT_ONCE + 1, NOW).await;
        fill(store, 3, later).await;
        assert_eq!(sweep_once(store, NOW).await.unwrap(), 2 * AT_ONCE + 1);
        let left = store.list(List::of::<Hold>().limit(PageSize::MAX)).await;
        let left = left.unwrap();
        assert_eq!(left.len(), 3);
        assert!(
            left.iter()
                .all(|row| row.kind == Kind::Hold && row.purge_at == later)
        );
        assert_eq!(sweep_once(store, NOW).await.unwrap(), 0);
    }

    #[tokio::test]
    async fn whatever_is_over_is_forgotten_however_much_it_is() {
        sweeps_all_that_is_over_and_nothing_else(&MemoryStore::new()).await;
        let store = SqlStore::open("sqlite::memory:").await.unwrap();
        sweeps_all_that_is_over_and_nothing_else(&store).await;
    }
}

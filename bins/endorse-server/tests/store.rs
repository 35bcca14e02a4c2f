//! The stores, in memory and in SQLite. PostgreSQL has its tests where programs of others are needed.
#![expect(clippy::unwrap_used, reason = "what is unexpected fails the test")]

use std::sync::Arc;

use endorse_server::store::{MemoryStore, SqlStore, Store, conformance};
use server_kit::seal::{Sealer, SealingKey};

async fn sqlite(folder: &tempfile::TempDir) -> SqlStore {
    let url = format!("sqlite:{}", folder.path().join("store").display());
    let sealer = Sealer::new(&SealingKey::new([1; 32]));
    SqlStore::open(&url.parse().unwrap(), sealer).await.unwrap()
}

#[tokio::test]
async fn memory_is_a_store() {
    conformance::a_store(&MemoryStore::default()).await;
}

#[tokio::test]
async fn sqlite_is_a_store() {
    let folder = tempfile::tempdir().unwrap();
    conformance::a_store(&sqlite(&folder).await).await;
}

#[tokio::test]
async fn sqlite_in_memory_is_a_store() {
    let sealer = Sealer::new(&SealingKey::new([1; 32]));
    let url = "sqlite::memory:".parse().unwrap();
    conformance::a_store(&SqlStore::open(&url, sealer).await.unwrap()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn races_have_one_winner() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Arc<dyn Store>; 2] = [
        Arc::new(MemoryStore::default()),
        Arc::new(sqlite(&folder).await),
    ];
    for store in stores {
        conformance::a_race(Arc::clone(&store)).await;
        conformance::a_race_of_offers(store).await;
    }
}

#[tokio::test]
async fn a_full_memory_refuses_strangers_until_something_is_over() {
    use endorse::UnixTime;
    use endorse_server::Purpose;
    use endorse_server::store::{Asked, Budget, Challenges as _, Whom};
    let (store, now) = (MemoryStore::new(2), UnixTime::from_seconds(1_700_000_000));
    let ask = async |imsi: &str, now: UnixTime| {
        let whom = Whom {
            imsi: imsi.parse().unwrap(),
            purpose: Purpose::Confirmation,
        };
        let asked = store.ask(&whom, Budget::default(), now);
        matches!(asked.await.unwrap(), Asked::Full)
    };
    assert!(!ask("001010000000001", now).await);
    assert!(!ask("001010000000002", now).await);
    assert!(ask("001010000000003", now).await);
    assert!(!ask("001010000000002", now).await);
    assert!(!ask("001010000000003", now.plus(60)).await);
}

#[tokio::test]
async fn nothing_in_the_database_is_readable_without_the_sealing_key() {
    let folder = tempfile::tempdir().unwrap();
    let store = sqlite(&folder).await;
    conformance::a_store(&store).await;
    store.close().await;
    let url = format!("sqlite:{}", folder.path().join("store").display());
    let octets = std::fs::read(folder.path().join("store")).unwrap();
    let text = String::from_utf8_lossy(&octets);
    assert!(text.contains("signing_key") && !text.contains("PRIVATE KEY"));
    let other = Sealer::new(&SealingKey::new([2; 32]));
    let other = SqlStore::open(&url.parse().unwrap(), other).await.unwrap();
    let refused = endorse_server::store::SigningKeys::keys(&other).await;
    assert_eq!(refused.unwrap_err().to_string(), "the store failed");
}

//! What instances of the endorse server share.

mod device;
mod instances;
mod load;

use std::sync::Arc;

use counterparts::postgres::{Durability, Postgres};
use endorse::UnixTime;
use endorse_server::store::{Challenges as _, Secret, SqlStore, Store, conformance};
use server_kit::seal::{Sealer, SealingKey};

async fn store(server: &Postgres) -> SqlStore {
    let url = server.url().parse().expect("it is a URL");
    let sealer = Sealer::new(&SealingKey::new([1; 32]));
    let opened = SqlStore::open(&url, sealer).await;
    opened.expect("the server is there")
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: cargo xtask test --only database"]
async fn postgresql_is_a_store() {
    let server = Postgres::start(Durability::Fast).unwrap();
    conformance::a_store(&store(&server).await).await;
    // another instance finds the tables
    let store: Arc<dyn Store> = Arc::new(store(&server).await);
    conformance::a_race(Arc::clone(&store)).await;
    conformance::a_race_of_offers(store).await;
}

#[tokio::test]
#[ignore = "kills PostgreSQL: cargo xtask test --only database"]
async fn what_was_used_stays_used_when_postgresql_is_killed() {
    let server = Postgres::start(Durability::Synchronised).unwrap();
    let before = store(&server).await;
    let (now, name) = (UnixTime::from_seconds(1_700_000_000), "a proof");
    let until = now.plus(60);
    assert!(before.use_once(name, until, now).await.unwrap());
    before
        .keep("a challenge", Secret::default(), until)
        .await
        .unwrap();
    server.crash().unwrap();
    let after = store(&server).await;
    assert!(!after.use_once(name, until, now).await.unwrap());
    // what waits for an answer is lost with the note of whether it was answered
    assert!(after.find("a challenge", now).await.unwrap().is_none());
}

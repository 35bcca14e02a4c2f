//! What instances of the endorse server share.

mod device;
mod instances;
mod load;

use std::sync::Arc;

use counterparts::postgres::{Durability, Postgres};
use endorse_server::store::{SqlStore, Store, conformance};
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

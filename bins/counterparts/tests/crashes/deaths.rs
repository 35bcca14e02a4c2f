//! Homes that die at a drawn step of their work, over SQLite and over PostgreSQL: no process has to
//! be killed for that, so there are a hundred thousand of them.

use anyhow::Result;
use auc::{OnConflict, SqlDirectory, conformance};
use counterparts::Draw;
use counterparts::postgres::{Durability, Postgres};
use server_kit::seal::{Sealer, SealingKey};
use tempfile::TempDir;

/// Together 100 000, beside the processes that are really killed.
const OVER_SQLITE: u32 = 90_000;
/// A server closes the connection of a client that has died, which takes longer.
const OVER_POSTGRESQL: u32 = 10_000;

async fn open(url: &str) -> SqlDirectory {
    let sealer = Sealer::new(&SealingKey::new([1; 32]));
    let url = url.parse().expect("it is a URL");
    let opened = SqlDirectory::open(&url, sealer).await;
    opened.expect("the database is there")
}

#[expect(
    clippy::print_stdout,
    reason = "how many there were, and of which kind"
)]
async fn deaths_over(url: &str, count: u32, seed: u64) {
    let directory = open(url).await;
    let subscribers = conformance::subscribers();
    let added = directory.add(subscribers.iter(), OnConflict::Keep).await;
    assert_eq!(added.expect("it is empty").new, 4);
    directory.close().await;
    let mut draw = Draw::new(seed);
    let deaths =
        conformance::no_death_repeats_a_number(async || open(url).await, count, |n| draw.below(n));
    let deaths = deaths.await;
    println!("{deaths:?}");
    assert!(deaths.count() >= count, "{deaths:?}");
    assert!(deaths.in_between > count / 10, "{deaths:?}");
    assert!(deaths.delivered > count / 20, "{deaths:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "90 000 deaths: cargo xtask test --only crashes"]
async fn ninety_thousand_homes_over_sqlite_die_and_no_number_is_repeated() -> Result<()> {
    // what a dying process leaves behind is the same in memory, and soon there
    let folder = TempDir::new_in("/dev/shm").or_else(|_no_such_place| TempDir::new())?;
    let url = format!("sqlite:{}", folder.path().join("auc.db").display());
    deaths_over(&url, OVER_SQLITE, 31).await;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "10 000 deaths: cargo xtask test --only crashes"]
async fn ten_thousand_homes_over_postgresql_die_and_no_number_is_repeated() -> Result<()> {
    let server = Postgres::start(Durability::Fast)?;
    deaths_over(&server.url(), OVER_POSTGRESQL, 32).await;
    Ok(())
}

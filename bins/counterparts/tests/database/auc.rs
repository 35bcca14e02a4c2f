//! The authentication centre's subscribers.

use auc::{OnConflict, SqlDirectory, conformance};
use counterparts::postgres::{Durability, Postgres};
use server_kit::seal::{Sealer, SealingKey};

async fn directory(server: &Postgres) -> SqlDirectory {
    let url = server.url().parse().expect("it is a URL");
    let sealer = Sealer::new(&SealingKey::new([1; 32]));
    let opened = SqlDirectory::open(&url, sealer).await;
    let directory = opened.expect("the server is there");
    let subscribers = conformance::subscribers();
    let added = directory.add(subscribers.iter(), OnConflict::Keep).await;
    added.expect("the tables are there");
    directory
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: cargo xtask test --only database"]
async fn postgresql_is_a_directory() {
    let server = Postgres::start(Durability::Fast).unwrap();
    conformance::subscribers_come_back_as_they_were(&directory(&server).await).await;
    let centre = conformance::no_number_is_issued_twice(directory(&server).await).await;
    conformance::resynchronisation_never_goes_back(&centre).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: cargo xtask test --only database"]
async fn two_centres_on_one_postgresql_share_its_numbers() {
    let server = Postgres::start(Durability::Fast).unwrap();
    let (one, two) = (directory(&server).await, directory(&server).await);
    conformance::a_lost_race_is_told(&one).await;
    let imsi = "001010000000001".parse().unwrap();
    let found = auc::Directory::find(&two, &imsi).await.unwrap().unwrap();
    assert_eq!(found.sqn.get(), 32);
    let racing = [one, two].map(|directory| {
        tokio::spawn(async move {
            let centre = auc::Centre::new(directory);
            let mut numbers = Vec::new();
            for _ in 0..100 {
                let rand = aka::Rand::new([7; 16]);
                numbers.push(*centre.vector(&imsi, rand).await.unwrap().autn.as_bytes());
            }
            numbers
        })
    });
    let mut numbers = Vec::new();
    for task in racing {
        numbers.extend(task.await.unwrap());
    }
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), 200, "one RAND, so one AUTN for each number");
}

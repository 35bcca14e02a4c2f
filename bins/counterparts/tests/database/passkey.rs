//! The identity provider's rows.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use counterparts::Draw;
use counterparts::postgres::{Durability, Postgres};
use passkey_idp::Instant;
use passkey_idp::application::conformance as application;
use passkey_idp::order::conformance::{self as order, Act, Pass};
use passkey_idp::store::conformance::{self, Drive, Harness};
use passkey_idp::store::{Change, Guard, Kind, NewRow, Over, Patch, RowId, SqlStore, Store};
use tokio::runtime::Runtime;

struct Tokio(Runtime);

impl Drive for Tokio {
    fn drive(&self, job: Pin<Box<dyn Future<Output = ()> + Send + '_>>) {
        self.0.block_on(job);
    }
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test --only database"]
fn postgresql_is_a_store() {
    let server = Postgres::start(Durability::Fast).unwrap();
    let number = AtomicU32::new(0);
    conformance::all(|| {
        let name = format!("case{}", number.fetch_add(1, Ordering::Relaxed));
        let url = server.make_database(&name).unwrap();
        let runtime = Runtime::new().expect("there are threads");
        let store = runtime.block_on(SqlStore::open(&url));
        Harness::new(
            Arc::new(store.expect("the server is there")),
            Tokio(runtime),
        )
    });
    assert!(number.into_inner() > 20, "the suite has lost its cases");
}

/// What somebody does next, drawn from `all`.
fn drawn<T: Copy>(draw: &mut Draw, all: &[T]) -> T {
    let past = usize::try_from(draw.below(1 << 16)).unwrap_or_default();
    *all.iter()
        .cycle()
        .nth(past)
        .expect("there is something to do")
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test --only database"]
fn orders_are_where_their_model_is_whoever_else_wants_them() {
    let server = Postgres::start(Durability::Fast).unwrap();
    let runtime = Runtime::new().unwrap();
    let store = runtime.block_on(SqlStore::open(&server.url())).unwrap();
    let harness = Harness::new(Arc::new(store), Tokio(runtime));
    let mut draw = Draw::new(23);
    for _ in 0..40 {
        let acts: Vec<_> = (0..12)
            .map(|_| (drawn(&mut draw, &Act::ALL), draw.below(700)))
            .collect();
        order::follow(&harness, &acts);
    }
    for _ in 0..10 {
        let acts: Vec<_> = (0..64).map(|_| drawn(&mut draw, &Act::ALL)).collect();
        order::race(&harness, &acts);
        let acts: Vec<_> = (0..64).map(|_| drawn(&mut draw, &Pass::ALL)).collect();
        order::pass_on(&harness, &acts);
    }
}

#[test]
#[ignore = "needs PostgreSQL: cargo xtask test --only database"]
fn applications_are_removed_whole() {
    let server = Postgres::start(Durability::Fast).unwrap();
    let runtime = Runtime::new().unwrap();
    let store = runtime.block_on(SqlStore::open(&server.url())).unwrap();
    let harness = Harness::new(Arc::new(store), Tokio(runtime));
    application::a_removal_that_is_cut_off_anywhere_is_finished_by_the_next(&harness);
    application::an_application_that_is_being_removed_is_granted_nothing(&harness);
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgreSQL: cargo xtask test --only database"]
async fn what_one_instance_changes_another_hears() {
    let server = Postgres::start(Durability::Fast).unwrap();
    let (here, there) = (open(&server).await, open(&server).await);
    let id: RowId = "a".parse().unwrap();
    let now = Instant::from_unix_seconds(1_800_000_000);
    here.commit(vec![row(&id)], now).await.unwrap();
    let watch = there.watch(Kind::Order, &id);
    let other = there.watch(Kind::Order, &"b".parse().unwrap());
    let mut after = there.get(Kind::Order, &id).await.unwrap().unwrap();
    assert_eq!(&*after.state, "open");
    let taken = Change::Update(
        Guard {
            kind: Kind::Order,
            id: id.clone(),
            states: vec!["open"],
            version: None,
            unexpired: true,
        },
        Patch {
            state: Some("taken"),
            ..Default::default()
        },
    );
    here.commit(vec![taken], now).await.unwrap();
    let heard = tokio::time::timeout(Duration::from_secs(30), watch).await;
    assert!(heard.is_ok(), "the other instance has heard nothing");
    after = there.get(Kind::Order, &id).await.unwrap().unwrap();
    assert_eq!(&*after.state, "taken");
    let other = tokio::time::timeout(Duration::ZERO, other).await;
    assert!(other.is_err(), "another row has not changed");
}

async fn open(server: &Postgres) -> SqlStore {
    let opened = SqlStore::open(&server.url()).await;
    opened.expect("the server is there")
}

fn row(id: &RowId) -> Change {
    let row = NewRow {
        kind: Kind::Order,
        id: id.clone(),
        owner: None,
        state: "open",
        created_at: None,
        expires_at: Instant::NEVER,
        purge_at: Instant::NEVER,
        body: "{}".into(),
    };
    Change::Insert(row, Over::Nothing)
}

//! The SQL store on SQLite: in a file and in memory.

use std::pin::Pin;
use std::sync::Arc;

use passkey_idp::order::conformance::{Act, Pass, follow, pass_on, race};
use passkey_idp::store::conformance::{Drive, Harness};
use passkey_idp::store::{Hold, RowId, Slot, SqlStore, StoreExt as _};
use proptest::prelude::*;
use proptest::sample::select;
use sqlx::SqlitePool;
use sqlx::migrate::Migrator;
use tempfile::TempDir;
use tokio::runtime::Runtime;

/// A runtime, and the folder of the database that it serves.
struct Tokio {
    runtime: Runtime,
    _folder: TempDir,
}

impl Drive for Tokio {
    fn drive(&self, job: Pin<Box<dyn Future<Output = ()> + Send + '_>>) {
        self.runtime.block_on(job);
    }
}

fn open(url: impl FnOnce(&TempDir) -> String) -> Harness<Tokio> {
    let folder = TempDir::new().expect("there is room");
    let runtime = Runtime::new().expect("there are threads");
    let store = runtime.block_on(SqlStore::open(&url(&folder)));
    let store = Arc::new(store.expect("the folder is ours"));
    let driver = Tokio {
        runtime,
        _folder: folder,
    };
    Harness::new(store, driver)
}

mod file {
    fn harness() -> super::Harness<super::Tokio> {
        super::open(|folder| format!("sqlite:{}", folder.path().join("idp.db").display()))
    }

    passkey_idp::store_conformance!(harness());
}

mod memory {
    fn harness() -> super::Harness<super::Tokio> {
        super::open(|_| "sqlite::memory:".to_owned())
    }

    passkey_idp::store_conformance!(harness());
}

mod applications {
    use passkey_idp::application::conformance;

    fn harness() -> super::Harness<super::Tokio> {
        super::open(|folder| format!("sqlite:{}", folder.path().join("idp.db").display()))
    }

    #[test]
    fn a_removal_that_is_cut_off_anywhere_is_finished_by_the_next() {
        conformance::a_removal_that_is_cut_off_anywhere_is_finished_by_the_next(&harness());
    }

    #[test]
    fn an_application_that_is_being_removed_is_granted_nothing() {
        conformance::an_application_that_is_being_removed_is_granted_nothing(&harness());
    }
}

#[tokio::test]
async fn what_was_held_for_minutes_is_told_apart_from_what_was_claimed_for_good() {
    let folder = TempDir::new().expect("there is room");
    let url = format!("sqlite:{}?mode=rwc", folder.path().join("idp.db").display());
    let old = SqlitePool::connect(&url).await.expect("the folder is ours");
    let mut migrator: Migrator = sqlx::migrate!("./migrations/sqlite");
    migrator
        .migrations
        .to_mut()
        .retain(|step| step.version == 1);
    migrator.run(&old).await.expect("it is empty");
    for (id, expires_at, body) in [
        ("certificate", i64::MAX, r#"{"record":"demo"}"#),
        ("code", 1_800_000_000_000, r#"{"grant":"device"}"#),
    ] {
        let row = sqlx::query(
            "INSERT INTO passkey_rows VALUES ('slot', $1, NULL, 'live', 1, 0, 0, $2, $2, $3)",
        );
        let row = row.bind(id).bind(expires_at).bind(body);
        row.execute(&old).await.expect("it fits");
    }
    old.close().await;
    let store = SqlStore::open(&url)
        .await
        .expect("it is brought up to date");
    let [certificate, code]: [RowId; 2] = ["certificate", "code"].map(|id| id.parse().unwrap());
    let slot = store.find::<Slot>(&certificate).await.unwrap().unwrap();
    let hold = store.find::<Hold>(&code).await.unwrap().unwrap();
    assert_eq!(
        (slot.body.record.as_str(), hold.body.record.as_str()),
        ("demo", "device")
    );
    assert!(store.find::<Slot>(&code).await.unwrap().is_none());
}

mod orders {
    use super::*;

    fn harness() -> Harness<Tokio> {
        open(|folder| format!("sqlite:{}", folder.path().join("idp.db").display()))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(16))]

        #[test]
        fn an_order_is_where_its_model_is(
            acts in prop::collection::vec((select(&Act::ALL[..]), 0_u64..700), 0..12),
        ) {
            follow(&harness(), &acts);
        }

        #[test]
        fn what_64_callers_are_told_is_one_way_through_the_machine(
            acts in prop::collection::vec(select(&Act::ALL[..]), 1..64),
        ) {
            race(&harness(), &acts);
        }

        #[test]
        fn an_order_that_goes_between_devices_is_answered_once(
            acts in prop::collection::vec(select(&Pass::ALL[..]), 1..64),
        ) {
            pass_on(&harness(), &acts);
        }
    }
}

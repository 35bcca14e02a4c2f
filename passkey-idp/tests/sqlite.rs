//! The SQL store on SQLite: in a file and in memory.

use std::pin::Pin;
use std::sync::Arc;

use passkey_idp::order::conformance::{Act, Pass, follow, pass_on, race};
use passkey_idp::store::SqlStore;
use passkey_idp::store::conformance::{Drive, Harness};
use proptest::prelude::*;
use proptest::sample::select;
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

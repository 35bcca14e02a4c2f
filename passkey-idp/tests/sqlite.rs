//! The SQL store on SQLite: in a file and in memory.

use std::pin::Pin;
use std::sync::Arc;

use passkey_idp::store::SqlStore;
use passkey_idp::store::conformance::{Drive, Harness};
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

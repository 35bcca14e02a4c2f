//! Where everything is kept, for the server and for the commands beside it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use auc::SqlDirectory;
use server_kit::config::{DatabaseOptions, Located, Settings as _};
use server_kit::seal::Sealer;
use server_kit::sql::DatabaseUrl;

use super::Options;
use crate::store::{MemoryStore, SqlStore, Store};

/// A database that can be opened.
#[derive(Debug)]
pub(crate) struct Database {
    url: DatabaseUrl,
    located: Located,
}

/// The database, or none where everything is kept in memory.
pub(crate) fn locate(
    options: &DatabaseOptions,
    state_dir: Option<&Path>,
) -> Result<Option<Database>> {
    let located = options.locate(Options::PROGRAM, state_dir, "endorse.db")?;
    let url = located.url.as_deref().map(str::parse).transpose()?;
    Ok(url.map(|url| Database { url, located }))
}

impl Database {
    pub(crate) async fn store(&self) -> Result<SqlStore> {
        let opened = SqlStore::open(&self.url, self.sealer()).await;
        opened.with_context(|| self.url.to_string())
    }

    pub(crate) async fn subscribers(&self) -> Result<SqlDirectory> {
        let opened = SqlDirectory::open(&self.url, self.sealer()).await;
        opened.with_context(|| self.url.to_string())
    }

    fn sealer(&self) -> Sealer {
        let sealer = Sealer::new(&self.located.sealing_key);
        self.located
            .earlier
            .iter()
            .fold(sealer, Sealer::with_earlier)
    }
}

/// The store of a server with or without a database.
pub(crate) async fn store(database: Option<&Database>) -> Result<Arc<dyn Store>> {
    Ok(match database {
        Some(database) => Arc::new(database.store().await?),
        None => Arc::new(MemoryStore::default()),
    })
}

//! Where everything is kept, for the server and for the commands beside it.

use std::path::Path;
use std::sync::Arc;

use anyhow::{Context as _, Result};
use auc::SqlDirectory;
use server_kit::config::{DatabaseOptions, Located, Place, Settings as _};
use server_kit::seal::{Sealer, SealingKey};
use server_kit::sql::DatabaseUrl;

use super::Options;
use crate::store::{MemoryStore, SqlStore, Store};

/// A database that can be opened.
#[derive(Debug)]
pub(crate) struct Database {
    url: DatabaseUrl,
    key: SealingKey,
    earlier: Vec<SealingKey>,
}

/// The database, or none where everything is kept in memory.
pub(crate) fn locate(
    options: &DatabaseOptions,
    state_dir: Option<&Path>,
) -> Result<Option<Database>> {
    let located = options.locate(Options::PROGRAM, state_dir, FILE)?;
    if located.url().is_none() {
        return Ok(None);
    }
    Database::of(&located).map(Some)
}

/// The database of a command beside the server.
pub(crate) fn beside(place: &Place) -> Result<Database> {
    Database::of(&place.locate(Options::PROGRAM, FILE)?)
}

impl Database {
    fn of(located: &Located) -> Result<Self> {
        let url = located.url().unwrap_or_default().parse()?;
        located.make_folder()?;
        let key = match located.sealing_key()? {
            Some(key) => key,
            // it is made before the database
            None if located.file().is_some_and(|path| path.exists()) => {
                return Err(located.lost().into());
            }
            None => located.make_sealing_key()?,
        };
        let earlier = located.earlier().to_vec();
        Ok(Self { url, key, earlier })
    }

    pub(crate) async fn store(&self) -> Result<SqlStore> {
        let opened = SqlStore::open(&self.url, self.sealer()).await;
        opened.with_context(|| self.url.to_string())
    }

    pub(crate) async fn subscribers(&self) -> Result<SqlDirectory> {
        let opened = SqlDirectory::open(&self.url, self.sealer()).await;
        opened.with_context(|| self.url.to_string())
    }

    fn sealer(&self) -> Sealer {
        let sealer = Sealer::new(&self.key);
        self.earlier.iter().fold(sealer, Sealer::with_earlier)
    }
}

/// The database's name in the state folder.
const FILE: &str = "endorse.db";

/// The store of a server with or without a database.
pub(crate) async fn store(database: Option<&Database>) -> Result<Arc<dyn Store>> {
    Ok(match database {
        Some(database) => Arc::new(database.store().await?),
        None => Arc::new(MemoryStore::default()),
    })
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_sealing_key_that_is_missing_beside_its_database_is_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let options = DatabaseOptions::default();
        let locate = || locate(&options, Some(folder.path()));
        assert!(locate().unwrap().is_some());
        let key = folder.path().join("sealing.key");
        fs::remove_file(&key).unwrap();
        assert!(locate().is_ok(), "there is no database yet");
        fs::remove_file(&key).unwrap();
        fs::write(folder.path().join(FILE), "").unwrap();
        let lost = locate().unwrap_err().to_string();
        let expected = format!("{} is missing, and it sealed", key.display());
        assert!(lost.starts_with(&expected), "{lost}");
        assert!(!key.exists());
    }
}

//! Where everything is kept, for the server and for the commands beside it.

use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use auc::SqlDirectory;
use clap::Args;
use serde::{Deserialize, Serialize};
use server_kit::listen::default_state_dir;
use server_kit::seal::{Sealer, SealingKey};
use server_kit::sql::DatabaseUrl;

use crate::store::{MemoryStore, SqlStore, Store};

/// The database that all instances share.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct DatabaseOptions {
    /// Where keys, subscribers and open challenges are kept: sqlite:PATH, postgres://USER@HOST/NAME
    /// for several instances, or memory [default: endorse.db in the state folder]
    #[arg(long, value_name = "URL", help_heading = "Database")]
    pub database: Option<String>,
    /// The key that seals secrets in the database, 64 hexadecimal digits; made at the first start.
    /// Keep it elsewhere than the database's backups [default: sealing.key in the state folder]
    #[arg(long, value_name = "FILE", help_heading = "Database")]
    pub sealing_key: Option<PathBuf>,
    /// An earlier sealing key, which still opens what it has sealed; may be given again
    #[arg(long, value_name = "FILE", help_heading = "Database")]
    pub earlier_sealing_key: Vec<PathBuf>,
}

/// A database that can be opened.
#[derive(Debug)]
pub(crate) struct Database {
    url: DatabaseUrl,
    keys: Vec<SealingKey>,
}

impl DatabaseOptions {
    /// The database, or none where everything is kept in memory.
    pub(crate) fn locate(&self, state_dir: Option<&Path>) -> Result<Option<Database>> {
        let text = match self.database.as_deref() {
            Some("memory") => return Ok(None),
            Some(text) => text.to_owned(),
            None => format!("sqlite:{}", folder(state_dir)?.join("endorse.db").display()),
        };
        let path = match &self.sealing_key {
            Some(path) => path.clone(),
            None => folder(state_dir)?.join("sealing.key"),
        };
        let mut keys = vec![sealing_key(&path)?];
        for path in &self.earlier_sealing_key {
            ensure!(path.exists(), "{} is missing", path.display());
            keys.push(sealing_key(path)?);
        }
        Ok(Some(Database {
            url: text.parse()?,
            keys,
        }))
    }
}

impl Database {
    pub(crate) async fn store(&self) -> Result<SqlStore> {
        let opened = SqlStore::open(&self.url, self.sealer()?).await;
        opened.with_context(|| self.url.to_string())
    }

    pub(crate) async fn subscribers(&self) -> Result<SqlDirectory> {
        let opened = SqlDirectory::open(&self.url, self.sealer()?).await;
        opened.with_context(|| self.url.to_string())
    }

    fn sealer(&self) -> Result<Sealer> {
        let (first, earlier) = self.keys.split_first().context("no sealing key")?;
        let sealer = Sealer::new(first);
        Ok(earlier.iter().fold(sealer, Sealer::with_earlier))
    }
}

/// The store of a server with or without a database.
pub(crate) async fn store(database: Option<&Database>) -> Result<Arc<dyn Store>> {
    Ok(match database {
        Some(database) => Arc::new(database.store().await?),
        None => Arc::new(MemoryStore::default()),
    })
}

fn sealing_key(path: &Path) -> Result<SealingKey> {
    SealingKey::from_file(path).with_context(|| path.display().to_string())
}

/// The state folder, made for nobody else to look into.
fn folder(state_dir: Option<&Path>) -> Result<PathBuf> {
    let folder = match state_dir {
        Some(folder) => folder.to_owned(),
        None => default_state_dir("endorse-server"),
    };
    let mut builder = DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(&folder);
    made.with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

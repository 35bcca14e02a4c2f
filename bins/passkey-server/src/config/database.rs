//! Where everything is kept, for the server and for the commands beside it.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::Write as _;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use passkey_idp::seal::{Sealer, SealingKey};
use passkey_idp::store::{MemoryStore, SqlStore, Store};
use serde::{Deserialize, Serialize};
use server_kit::listen::default_state_dir;
use strict_jws::{SecureRandom as _, SystemRandom};
use zeroize::Zeroizing;

/// The database that all instances share.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct DatabaseOptions {
    /// Where everything is kept: sqlite:PATH, postgres://USER@HOST/NAME for several instances, or
    /// memory [default: passkey.db in the state folder]
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
    url: Option<String>,
    keys: Vec<SealingKey>,
}

/// What is kept, and what wraps the secrets in it.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) sealer: Sealer,
}

impl DatabaseOptions {
    /// Whether nothing outlives the process.
    pub(crate) fn is_memory(&self) -> bool {
        self.database.as_deref() == Some("memory")
    }

    /// Finds the database and the keys, making the state folder and the first key.
    pub(crate) fn locate(&self, state_dir: Option<&Path>) -> Result<Database> {
        if self.is_memory() && self.sealing_key.is_none() {
            let fresh = Zeroizing::new(random_key()?);
            let keys = vec![SealingKey::new(*fresh)];
            return Ok(Database { url: None, keys });
        }
        let url = match self.database.as_deref() {
            Some("memory") => None,
            Some(text) => Some(text.to_owned()),
            None => {
                let file = folder(state_dir)?.join("passkey.db");
                Some(format!("sqlite:{}", file.display()))
            }
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
        Ok(Database { url, keys })
    }
}

impl Database {
    /// Opens it, and brings its tables up to date.
    pub(crate) async fn open(&self) -> Result<Kept> {
        let (first, earlier) = self.keys.split_first().context("no sealing key")?;
        let sealer = Sealer::new(first);
        let sealer = earlier.iter().fold(sealer, Sealer::with_earlier);
        let store: Arc<dyn Store> = match &self.url {
            Some(url) => Arc::new(SqlStore::open(url).await?),
            None => Arc::new(MemoryStore::new()),
        };
        Ok(Kept { store, sealer })
    }
}

/// The key in a file; a missing file is made, for its owner alone.
fn sealing_key(path: &Path) -> Result<SealingKey> {
    let octets = match fs::read_to_string(path) {
        Ok(text) => parsed(&Zeroizing::new(text)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => made(path),
        Err(error) => Err(error.into()),
    };
    let octets = octets.with_context(|| path.display().to_string())?;
    Ok(SealingKey::new(*octets))
}

fn parsed(text: &str) -> Result<Zeroizing<[u8; 32]>> {
    let mut octets = Zeroizing::new([0; 32]);
    let read = hex::decode_to_slice(text.trim(), octets.as_mut());
    read.ok()
        .context("a sealing key has 64 hexadecimal digits")?;
    Ok(octets)
}

fn made(path: &Path) -> Result<Zeroizing<[u8; 32]>> {
    let octets = Zeroizing::new(random_key()?);
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(Zeroizing::new(hex::encode(*octets)).as_bytes())?;
    file.sync_all()?;
    Ok(octets)
}

fn random_key() -> Result<[u8; 32]> {
    let mut octets = [0; 32];
    let filled = SystemRandom::new().fill(&mut octets);
    filled.ok().context("the system gave no random numbers")?;
    Ok(octets)
}

/// The state folder, made for nobody else to look into.
fn folder(state_dir: Option<&Path>) -> Result<PathBuf> {
    let folder = match state_dir {
        Some(folder) => folder.to_owned(),
        None => default_state_dir("passkey-server"),
    };
    let mut builder = DirBuilder::new();
    let made = builder.recursive(true).mode(0o700).create(&folder);
    made.with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

//! Where a command finds subscribers: a file, or a database with its sealing key.

use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use anyhow::{Context, ensure};
use auc::{SqlDirectory, Subscribers, XorForTests};
use clap::Args;
use serde::{Deserialize, Serialize};
use server_kit::{
    seal::{Sealer, SealingKey},
    sql::DatabaseUrl,
};
use zeroize::Zeroizing;

use crate::cli::Failure;

/// A database of subscribers.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[expect(
    clippy::struct_field_names,
    reason = "the fields are named as the flags"
)]
pub(crate) struct Database {
    /// The database of subscribers: sqlite:PATH, or postgres://USER@HOST/NAME
    #[arg(
        long,
        value_name = "URL",
        requires = "sealing_key",
        help_heading = "Subscribers"
    )]
    database: Option<String>,
    /// The key that seals the subscribers' keys in the database, 64 hexadecimal digits; made at
    /// the first start. Keep it elsewhere than the database and its backups
    #[arg(long, value_name = "FILE", help_heading = "Subscribers")]
    sealing_key: Option<PathBuf>,
    /// An earlier sealing key, which still opens what it has sealed; may be given again
    #[arg(long, value_name = "FILE", help_heading = "Subscribers")]
    earlier_sealing_key: Vec<PathBuf>,
    /// Take subscribers with the XOR algorithm of test USIMs, too: each of their vectors gives K away
    #[arg(long, num_args = 0..=1, require_equals = true, default_missing_value = "true", help_heading = "Subscribers")]
    danger_xor_for_tests: Option<bool>,
}

impl Database {
    pub(crate) fn is_given(&self) -> bool {
        self.database.is_some()
    }

    pub(crate) async fn open(&self) -> Result<SqlDirectory, Failure> {
        let url = self.url().map_err(Failure::Usage)?;
        let sealer = self.sealer().map_err(Failure::Usage)?;
        let opened = SqlDirectory::open(&url, sealer).await;
        opened
            .map(|directory| directory.with_xor(self.xor()))
            .with_context(|| url.to_string())
            .map_err(Failure::Failed)
    }

    fn xor(&self) -> XorForTests {
        if self.danger_xor_for_tests == Some(true) {
            XorForTests::DangerAllowed
        } else {
            XorForTests::Refused
        }
    }

    /// Reads a subscribers' file, and warns when others may read it, too.
    pub(crate) fn read(&self, path: &Path) -> Result<Subscribers, Failure> {
        let subscribers = fs::read_to_string(path)
            .context("cannot read the subscribers")
            .and_then(|text| {
                let text = Zeroizing::new(text);
                Ok(Subscribers::parse_with(&text, self.xor())?)
            })
            .with_context(|| path.display().to_string())
            .and_then(|subscribers| {
                ensure!(!subscribers.is_empty(), "{}: nobody in it", path.display());
                Ok(subscribers)
            })
            .map_err(Failure::Usage)?;
        let mode = fs::metadata(path).map_or(0, |found| found.permissions().mode());
        if mode & 0o077 != 0 {
            eprintln!(
                "auc: warning: {} holds keys and others may read it; chmod 600 it",
                path.display()
            );
        }
        Ok(subscribers)
    }

    fn url(&self) -> anyhow::Result<DatabaseUrl> {
        let text = self
            .database
            .as_deref()
            .context("--database URL is needed")?;
        Ok(text.parse()?)
    }

    fn sealer(&self) -> anyhow::Result<Sealer> {
        let path = self.sealing_key.as_deref();
        let mut sealer = Sealer::new(&key(path.context("--sealing-key FILE is needed")?)?);
        for path in &self.earlier_sealing_key {
            ensure!(path.exists(), "{} is missing", path.display());
            sealer = sealer.with_earlier(&key(path)?);
        }
        Ok(sealer)
    }
}

fn key(path: &Path) -> anyhow::Result<SealingKey> {
    SealingKey::from_file(path).with_context(|| path.display().to_string())
}

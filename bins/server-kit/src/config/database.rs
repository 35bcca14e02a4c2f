//! Where a server's database is, and the keys that seal the secrets in it.

use std::{
    fs::DirBuilder,
    io,
    os::unix::fs::DirBuilderExt as _,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::{
    listen::default_state_dir,
    seal::{KeyFileError, SealingKey},
};

/// The database that all instances share.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct DatabaseOptions {
    /// Where everything is kept: sqlite:PATH, postgres://USER@HOST/NAME for several instances, or
    /// memory [default: an SQLite file in the state folder]
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
#[non_exhaustive]
pub struct Located {
    /// Its URL; none where everything is kept in memory.
    pub url: Option<String>,
    /// The key that seals.
    pub sealing_key: SealingKey,
    /// Keys that still open what they have sealed.
    pub earlier: Vec<SealingKey>,
}

/// Why a database is not found.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotLocated {
    /// The state folder is missing and cannot be made.
    #[error("cannot make {path}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// A file holds no sealing key.
    #[error("{path}")]
    Key {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: KeyFileError,
    },
    /// The file of an earlier key is missing.
    #[error("{path} is missing")]
    Missing {
        /// The file.
        path: PathBuf,
    },
}

impl DatabaseOptions {
    /// Whether nothing outlives the process.
    pub fn is_memory(&self) -> bool {
        self.database.as_deref() == Some("memory")
    }

    /// The first of the files that [`DatabaseOptions::locate`] would make, or that the database would.
    pub fn missing(&self, program: &str, state_dir: Option<&Path>, file: &str) -> Option<PathBuf> {
        let folder = state_dir.map_or_else(|| default_state_dir(program), Path::to_owned);
        let database = match self.database.as_deref() {
            None => Some(folder.join(file)),
            Some(url) => url.strip_prefix("sqlite:").map(PathBuf::from),
        };
        let in_memory = Path::new(":memory:");
        let database = database.filter(|path| path != in_memory);
        let key = match &self.sealing_key {
            Some(path) => Some(path.clone()),
            None if self.is_memory() => None,
            None => Some(folder.join("sealing.key")),
        };
        let mut files = [key, database].into_iter().flatten();
        files.find(|path| !path.exists())
    }

    /// Finds the database and the keys of `program`, making the state folder and the first key.
    ///
    /// Without a setting the database is `file` in the state folder.
    ///
    /// # Errors
    /// [`NotLocated`].
    pub fn locate(
        &self,
        program: &str,
        state_dir: Option<&Path>,
        file: &str,
    ) -> Result<Located, NotLocated> {
        let folder = || folder(program, state_dir);
        let url = match self.database.as_deref() {
            Some("memory") => None,
            Some(text) => Some(text.to_owned()),
            None => Some(format!("sqlite:{}", folder()?.join(file).display())),
        };
        let sealing_key = match &self.sealing_key {
            Some(path) => key(path)?,
            None if url.is_none() => {
                let generated = SealingKey::generate().map_err(KeyFileError::from);
                generated.map_err(|source| NotLocated::Key {
                    path: "memory".into(),
                    source,
                })?
            }
            None => key(&folder()?.join("sealing.key"))?,
        };
        let earlier = self.earlier_sealing_key.iter().map(|path| {
            if path.exists() {
                key(path)
            } else {
                Err(NotLocated::Missing { path: path.clone() })
            }
        });
        Ok(Located {
            url,
            sealing_key,
            earlier: earlier.collect::<Result<_, _>>()?,
        })
    }
}

fn key(path: &Path) -> Result<SealingKey, NotLocated> {
    SealingKey::from_file(path).map_err(|source| NotLocated::Key {
        path: path.to_owned(),
        source,
    })
}

/// The state folder, made for nobody else to look into.
fn folder(program: &str, state_dir: Option<&Path>) -> Result<PathBuf, NotLocated> {
    let path = state_dir.map_or_else(|| default_state_dir(program), Path::to_owned);
    match DirBuilder::new().recursive(true).mode(0o700).create(&path) {
        Ok(()) => Ok(path),
        Err(source) => Err(NotLocated::Folder { path, source }),
    }
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn locate(options: &DatabaseOptions, folder: &Path) -> Result<Located, NotLocated> {
        options.locate("kit-demo", Some(folder), "demo.db")
    }

    #[test]
    fn without_settings_everything_lies_in_a_private_state_folder() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let options = DatabaseOptions::default();
        let missing = || options.missing("kit-demo", Some(&state), "demo.db");
        assert_eq!(missing(), Some(state.join("sealing.key")));
        let located = locate(&options, &state).unwrap();
        assert_eq!(missing(), Some(state.join("demo.db")));
        assert_eq!(
            located.url.unwrap(),
            format!("sqlite:{}/demo.db", state.display())
        );
        assert_eq!(
            fs::metadata(&state).unwrap().permissions().mode() & 0o777,
            0o700
        );
        let again = locate(&DatabaseOptions::default(), &state).unwrap();
        assert_eq!(again.sealing_key.octets(), located.sealing_key.octets());
    }

    #[test]
    fn what_is_kept_in_memory_touches_no_disk() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let options = DatabaseOptions {
            database: Some("memory".to_owned()),
            ..DatabaseOptions::default()
        };
        assert_eq!(locate(&options, &state).unwrap().url, None);
        assert!(!state.exists());
    }

    #[test]
    fn a_missing_earlier_key_and_a_file_without_a_key_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("old.key");
        let mut options = DatabaseOptions {
            earlier_sealing_key: vec![path.clone()],
            ..DatabaseOptions::default()
        };
        let missing = locate(&options, folder.path()).unwrap_err();
        assert_eq!(
            missing.to_string(),
            format!("{} is missing", path.display())
        );
        fs::write(&path, "no key").unwrap();
        let broken = locate(&options, folder.path()).unwrap_err();
        assert!(matches!(broken, NotLocated::Key { path: named, .. } if named == path));
        options.earlier_sealing_key.clear();
        locate(&options, folder.path()).unwrap();
    }
}

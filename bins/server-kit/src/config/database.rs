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
    #[arg(long, value_name = "URL", help_heading = "Database", global = true)]
    pub database: Option<String>,
    /// The key that seals secrets in the database, 64 hexadecimal digits; made at the first start.
    /// Keep it elsewhere than the database's backups [default: sealing.key in the state folder]
    #[arg(long, value_name = "FILE", help_heading = "Database", global = true)]
    pub sealing_key: Option<PathBuf>,
    /// An earlier sealing key, which still opens what it has sealed; may be given again
    #[arg(long, value_name = "FILE", help_heading = "Database", global = true)]
    pub earlier_sealing_key: Vec<PathBuf>,
}

/// A database that can be opened, and where the key is that seals the secrets in it.
#[derive(Debug)]
pub struct Located {
    /// Its URL; none where everything is kept in memory.
    url: Option<String>,
    /// Keys that still open what they have sealed.
    earlier: Vec<SealingKey>,
    /// The file of the key that seals; none where everything is kept in memory.
    key_file: Option<PathBuf>,
    /// The state folder, if anything of this is in it.
    folder: Option<PathBuf>,
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
    /// The key is missing that has sealed what is in the database.
    #[error(
        "{path} is missing, and it sealed what is in the database; restore it, or give its file: --sealing-key FILE"
    )]
    Lost {
        /// The file.
        path: PathBuf,
    },
    /// The database is in the server's memory.
    #[error("what is kept in memory is reached by nobody but the server")]
    Memory,
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

    /// Finds the database of `program` and its keys, and makes nothing.
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
        let folder = state_dir.map_or_else(|| default_state_dir(program), Path::to_owned);
        let url = match self.database.as_deref() {
            Some("memory") => None,
            Some(text) => Some(text.to_owned()),
            None => Some(format!("sqlite:{}", folder.join(file).display())),
        };
        let is_needed = self.database.is_none() || (self.sealing_key.is_none() && url.is_some());
        let own = || url.as_ref().map(|_| folder.join("sealing.key"));
        let key_file = self.sealing_key.clone().or_else(own);
        let earlier = self.earlier_sealing_key.iter().map(|path| {
            let missing = || NotLocated::Missing { path: path.clone() };
            read(path)?.ok_or_else(missing)
        });
        Ok(Located {
            earlier: earlier.collect::<Result<_, _>>()?,
            url,
            key_file,
            folder: is_needed.then_some(folder),
        })
    }
}

impl Located {
    /// The database's URL; none where everything is kept in memory.
    pub fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }

    /// Keys that still open what they have sealed.
    pub fn earlier(&self) -> &[SealingKey] {
        &self.earlier
    }

    /// The file of an SQLite database.
    pub fn file(&self) -> Option<PathBuf> {
        let path = self.url.as_deref()?.strip_prefix("sqlite:")?;
        let path = path.strip_prefix("//").unwrap_or(path);
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        (path != ":memory:").then(|| path.into())
    }

    /// The file of the key that seals.
    pub fn key_file(&self) -> Option<&Path> {
        self.key_file.as_deref()
    }

    /// The key that seals; none where its file is missing.
    ///
    /// # Errors
    /// The file cannot be read, or holds no key.
    pub fn sealing_key(&self) -> Result<Option<SealingKey>, NotLocated> {
        self.key_file.as_deref().map_or(Ok(None), read)
    }

    /// Makes the key that seals, unless its file is there. Where something was sealed already, a new one
    /// does not open it.
    ///
    /// # Errors
    /// The file cannot be made.
    pub fn make_sealing_key(&self) -> Result<SealingKey, NotLocated> {
        let Some(path) = &self.key_file else {
            let path = PathBuf::from("memory");
            let generated = SealingKey::generate().map_err(KeyFileError::from);
            return generated.map_err(|source| NotLocated::Key { path, source });
        };
        self.make_folder()?;
        SealingKey::make(path).map_err(|source| NotLocated::Key {
            path: path.clone(),
            source,
        })
    }

    /// Makes the state folder, for nobody else to look into, if anything of this is in it.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn make_folder(&self) -> Result<(), NotLocated> {
        let Some(path) = &self.folder else {
            return Ok(());
        };
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|source| NotLocated::Folder {
            path: path.clone(),
            source,
        })
    }

    /// Why the key that seals cannot be replaced by another.
    pub fn lost(&self) -> NotLocated {
        let path = self.key_file.clone().unwrap_or_default();
        NotLocated::Lost { path }
    }
}

fn read(path: &Path) -> Result<Option<SealingKey>, NotLocated> {
    SealingKey::read(path).map_err(|source| NotLocated::Key {
        path: path.to_owned(),
        source,
    })
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    fn locate(options: &DatabaseOptions, folder: &Path) -> Result<Located, NotLocated> {
        options.locate("kit-demo", Some(folder), "demo.db")
    }

    #[test]
    fn without_settings_everything_lies_in_a_state_folder() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let located = locate(&DatabaseOptions::default(), &state).unwrap();
        let url = format!("sqlite:{}/demo.db", state.display());
        assert_eq!(located.url(), Some(&*url));
        assert_eq!(located.file(), Some(state.join("demo.db")));
        assert_eq!(located.key_file(), Some(&*state.join("sealing.key")));
        assert!(!state.exists());
    }

    #[test]
    fn a_key_is_made_on_request_in_a_private_folder_and_found_again() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let located = locate(&DatabaseOptions::default(), &state).unwrap();
        assert!(located.sealing_key().unwrap().is_none());
        let made = located.make_sealing_key().unwrap();
        let mode = fs::metadata(&state).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        let found = located.sealing_key().unwrap().unwrap();
        assert_eq!(found.octets(), made.octets());
        let again = located.make_sealing_key().unwrap();
        assert_eq!(again.octets(), made.octets());
    }

    #[test]
    fn what_is_kept_in_memory_touches_no_disk() {
        let folder = tempfile::tempdir().unwrap();
        let state = folder.path().join("state");
        let options = DatabaseOptions {
            database: Some("memory".to_owned()),
            ..DatabaseOptions::default()
        };
        let located = locate(&options, &state).unwrap();
        assert_eq!((located.url(), located.file()), (None, None));
        located.make_sealing_key().unwrap();
        located.make_folder().unwrap();
        assert!(!state.exists());
    }

    #[test]
    fn a_file_is_found_in_every_way_to_write_its_url() {
        let folder = tempfile::tempdir().unwrap();
        let file = |url: &str| {
            let options = DatabaseOptions {
                database: Some(url.to_owned()),
                ..DatabaseOptions::default()
            };
            locate(&options, folder.path()).unwrap().file()
        };
        for url in ["sqlite:/a.db", "sqlite:///a.db", "sqlite:/a.db?mode=rwc"] {
            assert_eq!(file(url), Some("/a.db".into()), "{url}");
        }
        assert_eq!(file("sqlite::memory:"), None);
        assert_eq!(file("postgres://db/passkey"), None);
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

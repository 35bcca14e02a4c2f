//! Where everything is kept, for the server and for the commands beside it.

use std::fmt;
use std::fs::{self, File, Metadata, OpenOptions};
use std::io::{self, Write as _, stderr};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, Result, ensure};
use passkey_idp::seal::{Sealer, SealingKey};
use passkey_idp::store::{MemoryStore, SqlOpenError, SqlStore, Store};
use server_kit::config::{Located, NotLocated, Place, Settings as _};
use server_kit::seal;

use super::Options;
use crate::keys::{self, KeyState};

/// What is kept, and what wraps the secrets in it.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) sealer: Sealer,
    /// The files that were made because they were not there.
    pub(crate) made: Vec<Made>,
    /// The files that others may read, who should not.
    pub(crate) exposed: Vec<Exposed>,
}

/// A file of secrets that others than its owner may read.
#[derive(Debug)]
pub(crate) struct Exposed {
    pub(crate) what: &'static str,
    pub(crate) path: PathBuf,
}

/// A file that was not there before.
#[derive(Debug)]
pub(crate) struct Made {
    what: &'static str,
    path: PathBuf,
}

/// Finds the server's database and its keys, and makes nothing.
pub(crate) fn locate(options: &Options) -> Result<Located, NotLocated> {
    let state_dir = options.listen.state_dir.as_deref();
    options.database.locate(Options::PROGRAM, state_dir, FILE)
}

/// What the server keeps, for a command beside it. What is made is told on standard error: on standard
/// output stands what was asked for.
pub(crate) async fn beside(place: &Place) -> Result<Kept> {
    let kept = open(place.locate(Options::PROGRAM, FILE)?).await?;
    for made in &kept.made {
        writeln!(stderr(), "{}: {made}", Options::PROGRAM)?;
    }
    for exposed in &kept.exposed {
        let mend = exposed.mend();
        writeln!(stderr(), "{}: {exposed}: {mend}", Options::PROGRAM)?;
    }
    Ok(kept)
}

/// Opens the database, and brings its tables up to date. A sealing key is made where nothing was
/// sealed yet; where another one has sealed, nothing is opened.
pub(crate) async fn open(located: Located) -> Result<Kept> {
    let mut made = Vec::new();
    let database = located.file().filter(|path| !path.exists());
    let mut key = located.sealing_key()?;
    if key.is_none() && (database.is_some() || located.url().is_none()) {
        key = Some(make_key(&located, &mut made)?);
    }
    located.make_folder()?;
    let (store, _) = store(&located).await?;
    made.extend(database.map(|path| Made {
        what: "database",
        path,
    }));
    let key = match key {
        Some(key) => key,
        None if keys::list(&*store).await?.is_empty() => make_key(&located, &mut made)?,
        None => return Err(located.lost().into()),
    };
    let sealer = sealer(&located, &key);
    is_right(&*store, &sealer, &located).await?;
    Ok(Kept {
        store,
        sealer,
        made,
        exposed: exposed(&located),
    })
}

/// Files that others may read: the sealing key opens what the database holds.
pub(crate) fn exposed(located: &Located) -> Vec<Exposed> {
    let key = located.key_file().map(Path::to_owned);
    let files = [("sealing key", key), ("database", located.file())];
    let files = files
        .into_iter()
        .filter_map(|(what, path)| Some(Exposed { what, path: path? }));
    let is_open = |file: &Exposed| fs::metadata(&file.path).is_ok_and(|there| is_open(&there));
    files.filter(is_open).collect()
}

/// Whether others than the owner may do anything with a file; root's group is root, as with the
/// credentials of a service manager.
fn is_open(file: &Metadata) -> bool {
    let others = if file.gid() == 0 { 0o007 } else { 0o077 };
    file.mode() & others != 0
}

/// Holds an SQLite database for one server, until what is returned is dropped; nothing where several may
/// share it. Commands beside the server do not ask.
///
/// # Errors
/// [`io::ErrorKind::WouldBlock`] where another server holds it.
pub(crate) fn hold(located: &Located) -> io::Result<Option<File>> {
    let Some(mut path) = located.file().map(PathBuf::into_os_string) else {
        return Ok(None);
    };
    path.push(".server");
    let mut options = OpenOptions::new();
    let options = options.write(true).create(true).truncate(false);
    let file = options.mode(0o600).open(path)?;
    file.try_lock()?;
    Ok(Some(file))
}

/// The database alone, and where it is, for people.
pub(crate) async fn store(located: &Located) -> Result<(Arc<dyn Store>, String), SqlOpenError> {
    let Some(url) = located.url() else {
        return Ok((Arc::new(MemoryStore::new()), "memory".to_owned()));
    };
    let store = SqlStore::open(url).await?;
    let place = store.place().to_owned();
    Ok((Arc::new(store), place))
}

/// What opens what `key`, or an earlier one, has sealed.
pub(crate) fn sealer(located: &Located, key: &seal::SealingKey) -> Sealer {
    let ours = |key: &seal::SealingKey| SealingKey::new(*key.octets());
    let earlier = located.earlier().iter();
    let sealer = Sealer::new(&ours(key));
    earlier.fold(sealer, |sealer, earlier| {
        sealer.with_earlier(&ours(earlier))
    })
}

impl Exposed {
    pub(crate) fn mend(&self) -> String {
        format!("chmod 600 {}", self.path.display())
    }
}

impl fmt::Display for Exposed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "others may read {}", self.path.display())
    }
}

impl fmt::Display for Made {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "new {} made at {}", self.what, self.path.display())
    }
}

fn make_key(located: &Located, made: &mut Vec<Made>) -> Result<seal::SealingKey> {
    let key = located.make_sealing_key()?;
    made.extend(located.key_file().map(|path| Made {
        what: "sealing key",
        path: path.to_owned(),
    }));
    Ok(key)
}

/// Whether the keys that sign were sealed with a key that is there: what another one seals would be
/// opened by nobody later.
async fn is_right(store: &dyn Store, sealer: &Sealer, located: &Located) -> Result<()> {
    let keys = keys::list(store).await.context("the database")?;
    for key in keys.iter().filter(|key| key.state == KeyState::Published) {
        let path = located.key_file().unwrap_or(Path::new("memory"));
        ensure!(
            key.body.is_sealed_by(sealer),
            "{} is not the key that sealed the signing key {}; give the file of that one: \
             --sealing-key FILE, or --earlier-sealing-key FILE where it was replaced",
            path.display(),
            key.id,
        );
    }
    Ok(())
}

/// The database's name in the state folder.
const FILE: &str = "passkey.db";

#[cfg(test)]
mod tests {
    use server_kit::config::DatabaseOptions;

    use super::*;

    #[test]
    fn one_server_at_a_time_holds_an_sqlite_file_and_the_next_one_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let options = DatabaseOptions::default();
        let located = options.locate("passkey-server", Some(folder.path()), FILE);
        let located = located.unwrap();
        let held = hold(&located).unwrap();
        assert!(held.is_some());
        let second = hold(&located).unwrap_err();
        assert_eq!(second.kind(), io::ErrorKind::WouldBlock);
        drop(held);
        assert!(hold(&located).unwrap().is_some());
    }
}

//! What outlives a power cut: the card's memory in a file.

mod folder;
mod memory;

use std::{
    fs::{self, File},
    io,
    path::{Path, PathBuf},
};

use folder::{Disk, Folder};
pub(super) use memory::Memory;

/// The state of a card cannot be kept in a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// The operating system reports an error.
    #[error("cannot {operation} the state file")]
    Io {
        /// What was tried.
        operation: &'static str,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Another card keeps its state there at this moment.
    #[error("the state file is in use by another card")]
    InUse,
    /// The file does not hold a card's state.
    #[error("the state file is damaged at {key}")]
    Damaged {
        /// Where.
        key: &'static str,
    },
    /// The file holds the state of a card with another IMSI.
    #[error("the state file belongs to another card")]
    OtherCard,
}

/// A file that holds what of a card outlives a power cut: the sequence numbers taken, PINs with
/// their counters, and updated files.
///
/// Whatever changes is on the disk before the answer leaves, by way of a new file that takes the
/// old one's place, so that a crash at any moment never brings back a sequence number. The file
/// holds PINs: only its owner may read it. While it is open no other card may use it.
///
/// ```
/// use usim::soft::{Profile, SoftCard, StateFile};
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("card.state");
///
/// let card = SoftCard::with_state(Profile::default(), StateFile::open(path)?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct StateFile {
    folder: Box<dyn Folder>,
    name: String,
    /// Held for as long as the card lives.
    _lock: Option<File>,
}

impl StateFile {
    /// Opens the file, which need not be there yet, and keeps everyone else out.
    ///
    /// # Errors
    /// [`StateError::InUse`], [`StateError::Io`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, StateError> {
        let path = real(path.as_ref())?;
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| StateError::Io {
            operation: "name",
            source: io::ErrorKind::InvalidFilename.into(),
        })?;
        let folder = match path.parent() {
            Some(parent) if parent != Path::new("") => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        let disk = Disk::new(folder);
        let lock = disk.lock(&format!("{name}.lock"))?;
        Ok(Self {
            folder: Box::new(disk),
            name: name.to_owned(),
            _lock: Some(lock),
        })
    }

    /// What was kept last; `None` where nothing was.
    pub(super) fn load(&mut self) -> Result<Option<Memory>, StateError> {
        let octets = self.folder.read(&self.name);
        let octets = octets.map_err(|source| StateError::Io {
            operation: "read",
            source,
        })?;
        let Some(octets) = octets else {
            return Ok(None);
        };
        let text = std::str::from_utf8(&octets).ok();
        let text = text.ok_or(StateError::Damaged { key: "the text" })?;
        Memory::decode(text).map(Some)
    }

    /// Puts `memory` in place of what is there; once this returns it is on the disk.
    pub(super) fn save(&mut self, memory: &Memory) -> Result<(), StateError> {
        let text = memory.encode();
        let new = format!("{}.new", self.name);
        let failed = |operation| move |source| StateError::Io { operation, source };
        self.folder
            .write(&new, text.as_bytes())
            .map_err(failed("write"))?;
        self.folder.sync(&new).map_err(failed("sync"))?;
        self.folder
            .rename(&new, &self.name)
            .map_err(failed("replace"))?;
        self.folder
            .sync_folder()
            .map_err(failed("sync the folder of"))
    }
}

/// The file's own name, by whatever link it is called: the lock goes by it.
fn real(path: &Path) -> Result<PathBuf, StateError> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        found => found.map_err(|source| StateError::Io {
            operation: "find",
            source,
        }),
    }
}

#[cfg(test)]
mod tests;

//! The four steps by which a file takes another one's place, on a real disk or a simulated one.

use std::{
    fmt,
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::PathBuf,
};

use zeroize::Zeroizing;

use super::StateError;

/// A folder with files that survive a crash once they are synced.
pub(super) trait Folder: fmt::Debug + Send {
    /// The octets of a file; `None` where there is none.
    fn read(&mut self, name: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>>;
    /// Makes a file anew.
    fn write(&mut self, name: &str, octets: &[u8]) -> io::Result<()>;
    /// Returns once the octets of the file are on the disk.
    fn sync(&mut self, name: &str) -> io::Result<()>;
    /// Gives a file the name of another one, which is gone then.
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;
    /// Returns once the names are on the disk.
    fn sync_folder(&mut self) -> io::Result<()>;
}

/// A folder of the file system.
#[derive(Debug)]
pub(super) struct Disk(PathBuf);

impl Disk {
    pub(super) const fn new(folder: PathBuf) -> Self {
        Self(folder)
    }

    /// Makes sure that nobody else has the file `name` open in this way.
    pub(super) fn lock(&self, name: &str) -> Result<File, StateError> {
        let file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(self.0.join(name));
        let file = file.map_err(|source| StateError::Io {
            operation: "open the lock of",
            source,
        })?;
        match file.try_lock() {
            Ok(()) => Ok(file),
            Err(TryLockError::WouldBlock) => Err(StateError::InUse),
            Err(TryLockError::Error(source)) => Err(StateError::Io {
                operation: "lock",
                source,
            }),
        }
    }
}

impl Folder for Disk {
    fn read(&mut self, name: &str) -> io::Result<Option<Zeroizing<Vec<u8>>>> {
        match fs::read(self.0.join(name)) {
            Ok(octets) => Ok(Some(Zeroizing::new(octets))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn write(&mut self, name: &str, octets: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true).mode(0o600);
        options.open(self.0.join(name))?.write_all(octets)
    }

    fn sync(&mut self, name: &str) -> io::Result<()> {
        File::open(self.0.join(name))?.sync_all()
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.0.join(from), self.0.join(to))
    }

    fn sync_folder(&mut self) -> io::Result<()> {
        File::open(&self.0)?.sync_all()
    }
}

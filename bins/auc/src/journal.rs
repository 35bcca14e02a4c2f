//! The sequence numbers in a file, so that no crash repeats one.

mod line;

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard},
};

use aka::{
    Imsi, Sqn,
    network::{SqnStore, Swap},
};

use line::Recovered;

/// Why sequence numbers could not be read or stored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum JournalError {
    /// The subscriber was not given to [`Journal::open`].
    #[error("unknown subscriber")]
    UnknownSubscriber,
    /// Another process issues vectors with the same journal.
    #[error("another process has the journal open")]
    InUse,
    /// A line before the last one is damaged: what is left may be behind the cards.
    #[error("line {line} of the journal is damaged")]
    Damaged {
        /// The line, from 1.
        line: usize,
    },
    /// An earlier write failed; what the file holds is unknown until it is opened anew.
    #[error("an earlier write to the journal failed")]
    Broken,
    /// The file system reports an error.
    #[error("cannot {doing} the journal")]
    Io {
        /// What was tried.
        doing: &'static str,
        /// What the system says.
        #[source]
        source: io::Error,
    },
}

/// A store of sequence numbers in an append-only file.
///
/// Each change is one checksummed line, synchronised to the disk before
/// [`compare_and_set`](SqnStore::compare_and_set) returns. A line that a crash cut short is
/// dropped when the file is opened next: its number was never used. A lock file beside the journal
/// keeps a second process out.
///
/// ```
/// use aka::{Sqn, network::{SqnStore, Swap}};
/// use auc::Journal;
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("sqn");
/// let imsi = "001010000000001".parse()?;
/// let journal = Journal::open(&path, [(imsi, Sqn::ZERO)])?;
/// assert_eq!(journal.compare_and_set(&imsi, Sqn::ZERO, Sqn::new(32)?)?, Swap::Done);
/// drop(journal);
/// assert_eq!(Journal::open(&path, [(imsi, Sqn::ZERO)])?.load(&imsi)?, Sqn::new(32)?);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Journal {
    path: PathBuf,
    state: Mutex<State>,
    /// Held until the journal is dropped.
    _lock: File,
}

#[derive(Debug)]
struct State {
    numbers: HashMap<Imsi, Sqn>,
    /// `None` after a write failed.
    file: Option<File>,
    lines: usize,
}

/// A journal this many lines longer than it has subscribers is written anew.
const SLACK: usize = 10_000;

impl Journal {
    /// Opens the journal at `path`, or makes it (mode 0600), for `subscribers` and the last number
    /// that each used before. The higher one counts, the journal's or the given one.
    ///
    /// # Errors
    /// [`JournalError`]; a damaged journal is left as it is.
    pub fn open(
        path: impl AsRef<Path>,
        subscribers: impl IntoIterator<Item = (Imsi, Sqn)>,
    ) -> Result<Self, JournalError> {
        let path = real(path.as_ref())?;
        let lock = lock(&path)?;
        let mut numbers = read(&path)?;
        for (imsi, sqn) in subscribers {
            let number = numbers.entry(imsi).or_insert(sqn);
            *number = sqn.max(*number);
        }
        let mut state = State {
            numbers,
            file: None,
            lines: 0,
        };
        state.rewrite(&path)?;
        Ok(Self {
            path,
            state: Mutex::new(state),
            _lock: lock,
        })
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, JournalError> {
        self.state.lock().map_err(|_poisoned| JournalError::Broken)
    }
}

impl SqnStore for Journal {
    type Subscriber = Imsi;
    type Error = JournalError;

    fn load(&self, imsi: &Imsi) -> Result<Sqn, JournalError> {
        self.state()?.number(imsi)
    }

    fn compare_and_set(&self, imsi: &Imsi, expected: Sqn, new: Sqn) -> Result<Swap, JournalError> {
        let mut state = self.state()?;
        let actual = state.number(imsi)?;
        if actual != expected {
            return Ok(Swap::Lost(actual));
        }
        state.append(imsi, new)?;
        state.numbers.insert(*imsi, new);
        if state.lines > state.numbers.len() + SLACK {
            state.rewrite(&self.path)?;
        }
        Ok(Swap::Done)
    }
}

impl State {
    fn number(&self, imsi: &Imsi) -> Result<Sqn, JournalError> {
        let number = self.numbers.get(imsi).copied();
        number.ok_or(JournalError::UnknownSubscriber)
    }

    /// The file stays away after a failure: after a failed fsync nobody knows what it holds.
    fn append(&mut self, imsi: &Imsi, sqn: Sqn) -> Result<(), JournalError> {
        let mut file = self.file.take().ok_or(JournalError::Broken)?;
        let line = line::encode(imsi, sqn);
        file.write_all(line.as_bytes()).map_err(io("write"))?;
        file.sync_data().map_err(io("synchronise"))?;
        self.file = Some(file);
        self.lines += 1;
        Ok(())
    }

    /// One line for each subscriber, in a new file that takes the old one's place at once.
    fn rewrite(&mut self, path: &Path) -> Result<(), JournalError> {
        self.file = None;
        let next = sibling(path, ".next");
        let lines = self.numbers.iter();
        let text: String = lines.map(|(imsi, sqn)| line::encode(imsi, *sqn)).collect();
        remove(&next)?;
        let mut file = private()
            .append(true)
            .create_new(true)
            .open(&next)
            .map_err(io("create"))?;
        file.write_all(text.as_bytes()).map_err(io("write"))?;
        file.sync_all().map_err(io("synchronise"))?;
        fs::rename(&next, path).map_err(io("replace"))?;
        synchronise_folder(path)?;
        self.lines = self.numbers.len();
        self.file = Some(file);
        Ok(())
    }
}

/// The file's own name, by whatever link it is called: the lock goes by it.
fn real(path: &Path) -> Result<PathBuf, JournalError> {
    match fs::canonicalize(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(path.to_owned()),
        found => found.map_err(io("find")),
    }
}

fn lock(path: &Path) -> Result<File, JournalError> {
    let lock = private()
        .write(true)
        .create(true)
        .truncate(false)
        .open(sibling(path, ".lock"))
        .map_err(io("lock"))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(fs::TryLockError::WouldBlock) => Err(JournalError::InUse),
        Err(fs::TryLockError::Error(source)) => Err(io("lock")(source)),
    }
}

fn read(path: &Path) -> Result<HashMap<Imsi, Sqn>, JournalError> {
    let octets = match fs::read(path) {
        Ok(octets) => octets,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(HashMap::new()),
        Err(error) => return Err(io("read")(error)),
    };
    match line::recover(&octets) {
        Recovered::Numbers(numbers) => Ok(numbers),
        Recovered::Damaged { line } => Err(JournalError::Damaged { line }),
    }
}

/// The name in the folder is durable only once the folder is.
fn synchronise_folder(path: &Path) -> Result<(), JournalError> {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let folder = File::open(folder).map_err(io("synchronise"))?;
    folder.sync_all().map_err(io("synchronise"))
}

fn remove(path: &Path) -> Result<(), JournalError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io("replace")(error)),
        _ => Ok(()),
    }
}

fn private() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.mode(0o600);
    options
}

fn sibling(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn io(doing: &'static str) -> impl Fn(io::Error) -> JournalError {
    move |source| JournalError::Io { doing, source }
}

#[cfg(test)]
mod tests;

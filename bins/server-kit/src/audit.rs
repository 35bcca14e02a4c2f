//! The audit trail: who did what to which resource, and how it ended, one JSON line each.

use std::{
    fs::{File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use serde::Serialize;

pub use options::AuditOptions;

mod options;

/// Where audit lines go: an append-only file, or standard error.
///
/// A line never holds what was sent or answered, only its class.
#[derive(Debug)]
pub struct Audit {
    sink: Sink,
}

#[derive(Debug)]
enum Sink {
    File(Mutex<File>),
    StandardError,
    Nowhere,
}

/// One line of the audit trail, without its time.
#[derive(Debug, Clone, Copy, Serialize)]
#[non_exhaustive]
pub struct Entry<'a> {
    /// Who: the caller's name.
    pub caller: &'a str,
    /// What was used: a SIM's name, a client's.
    pub resource: &'a str,
    /// What was done with it: `authenticate`, `apdu`.
    pub action: &'a str,
    /// How it ended: `success`, `synchronisation_failure`, or an error's code.
    pub outcome: &'a str,
}

impl<'a> Entry<'a> {
    /// A line that says `caller` did `action` to `resource` and it ended as `outcome`.
    pub fn new(caller: &'a str, resource: &'a str, action: &'a str, outcome: &'a str) -> Self {
        Self {
            caller,
            resource,
            action,
            outcome,
        }
    }
}

impl Audit {
    /// Appends to the file at `path`, made with mode 0600 where it is missing.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn file(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        Ok(Self {
            sink: Sink::File(Mutex::new(file)),
        })
    }

    /// Writes to standard error, where a service manager collects it.
    pub fn standard_error() -> Self {
        Self {
            sink: Sink::StandardError,
        }
    }

    /// Keeps no trail, for tests.
    pub fn off() -> Self {
        Self {
            sink: Sink::Nowhere,
        }
    }

    /// Writes one line with the present time; a failure is logged as an error.
    pub fn record(&self, entry: &Entry<'_>) {
        if let Err(error) = self.write(&line(Timestamp::now(), entry)) {
            tracing::error!(%error, "an audit line could not be written");
        }
    }

    fn write(&self, line: &[u8]) -> io::Result<()> {
        match &self.sink {
            Sink::File(file) => file
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write_all(line),
            Sink::StandardError => io::stderr().lock().write_all(line),
            Sink::Nowhere => Ok(()),
        }
    }
}

fn line(time: Timestamp, entry: &Entry<'_>) -> Vec<u8> {
    #[derive(Serialize)]
    struct Line<'a> {
        time: String,
        #[serde(flatten)]
        entry: &'a Entry<'a>,
    }
    let time = format!("{time:.3}");
    let mut line = serde_json::to_vec(&Line { time, entry }).unwrap_or_default();
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt as _};

    use super::*;

    #[test]
    fn a_line_says_when_who_what_and_how_it_ended() {
        let time = Timestamp::from_second(1_795_320_497).unwrap();
        let entry = Entry::new("lab", "soft:0", "authenticate", "success");
        assert_eq!(
            String::from_utf8(line(time, &entry)).unwrap(),
            "{\"time\":\"2026-11-22T04:08:17.000Z\",\"caller\":\"lab\",\"resource\":\"soft:0\",\
             \"action\":\"authenticate\",\"outcome\":\"success\"}\n"
        );
    }

    #[test]
    fn a_newline_in_a_name_does_not_forge_a_line() {
        let entry = Entry::new("a\n{\"caller\":\"b\"}", "r", "a", "o");
        let line = line(Timestamp::UNIX_EPOCH, &entry);
        assert_eq!(line.split(|byte| *byte == b'\n').count(), 2);
    }

    #[test]
    fn lines_are_appended_to_a_private_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit.jsonl");
        for outcome in ["one", "two"] {
            let audit = Audit::file(&path).unwrap();
            audit.record(&Entry::new("c", "r", "a", outcome));
        }
        let text = fs::read_to_string(&path).unwrap();
        let ends: Vec<_> = text.lines().map(|line| &line[line.len() - 6..]).collect();
        assert_eq!(ends, ["\"one\"}", "\"two\"}"]);
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
    }

    #[test]
    fn a_file_that_cannot_be_opened_is_an_error() {
        let error = Audit::file(Path::new("/nonexistent/audit")).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}

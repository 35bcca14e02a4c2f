//! Where the settings say the audit trail goes.

use std::{
    io,
    path::{Path, PathBuf},
};

use clap::Args;
use serde::{Deserialize, Serialize};

use super::Audit;

/// Where the audit trail goes.
#[derive(Clone, Debug, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct AuditOptions {
    /// Where the audit trail goes: stderr, off, or a file
    #[arg(long, value_name = "stderr|off|FILE", help_heading = "Observing")]
    pub audit: Option<PathBuf>,
}

impl AuditOptions {
    /// What holds where nothing is said.
    pub fn standard_error() -> Self {
        let audit = Some("stderr".into());
        Self { audit }
    }

    /// The file where it goes, if it goes to a file.
    pub fn file(&self) -> Option<&Path> {
        let words = ["off", "stderr"].map(Path::new);
        self.audit.as_deref().filter(|path| !words.contains(path))
    }

    /// Opens the audit trail.
    ///
    /// # Errors
    /// The file cannot be opened.
    pub fn open(&self) -> io::Result<Audit> {
        match (&self.audit, self.file()) {
            (_, Some(path)) => Audit::file(path),
            (Some(word), None) if word.as_os_str() == "off" => Ok(Audit::off()),
            _ => Ok(Audit::standard_error()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_opened_and_two_words_are_no_files() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("audit");
        let open = |audit: PathBuf| AuditOptions { audit: Some(audit) }.open();
        open(path.clone()).unwrap();
        assert!(path.exists());
        assert_eq!(
            format!("{:?}", open("off".into()).unwrap()),
            format!("{:?}", Audit::off())
        );
        let standard = format!("{:?}", Audit::standard_error());
        assert_eq!(format!("{:?}", open("stderr".into()).unwrap()), standard);
        assert!(open(folder.path().join("none/audit")).is_err());
    }
}

//! What stands in the way of the server's work, and what would mend it.

use std::fmt;

use server_kit::listen::Disagreement;

use crate::config::Options;

mod kept;
mod listening;
mod models;
mod network;
mod settings;

/// What the doctor has found.
#[derive(Debug)]
pub struct Report(Vec<Finding>);

/// How one thing is.
#[derive(Debug)]
struct Finding {
    what: &'static str,
    how: How,
    said: String,
    mend: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Fine,
    /// It may be meant so.
    Note,
    Wrong,
}

impl Report {
    /// Looks at the settings and at what is kept; changes nothing, and makes no file.
    pub async fn of(mut options: Options) -> Self {
        let settled = options.settle().err();
        let mut findings: Vec<_> = settled.iter().map(Finding::contradiction).collect();
        findings.extend(network::findings(&options));
        findings.extend(listening::findings(&options).await);
        findings.extend(settings::findings(&options));
        findings.extend(models::finding(&options));
        findings.extend(kept::findings(&options).await);
        Self(findings)
    }

    /// How many things are wrong.
    pub fn wrong(&self) -> usize {
        let findings = self.0.iter();
        findings.filter(|finding| finding.how == How::Wrong).count()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.0 {
            let how = match finding.how {
                How::Fine => "fine",
                How::Note => "note",
                How::Wrong => "WRONG",
            };
            writeln!(f, "{how:<6} {:<12} {}", finding.what, finding.said)?;
            if !finding.mend.is_empty() {
                writeln!(f, "{:19} -> {}", "", finding.mend)?;
            }
        }
        Ok(())
    }
}

impl Finding {
    fn fine(what: &'static str, said: impl Into<String>) -> Self {
        Self {
            what,
            how: How::Fine,
            said: said.into(),
            mend: String::new(),
        }
    }

    /// The error says what to change.
    fn contradiction(error: &Disagreement) -> Self {
        Self::wrong("settings", error.to_string(), "")
    }

    fn note(what: &'static str, said: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            how: How::Note,
            mend: mend.into(),
            ..Self::fine(what, said)
        }
    }

    fn wrong(what: &'static str, said: impl Into<String>, mend: impl Into<String>) -> Self {
        Self {
            how: How::Wrong,
            mend: mend.into(),
            ..Self::fine(what, said)
        }
    }
}

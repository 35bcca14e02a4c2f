//! Named values for people and for programs; keys in them are wiped on drop.

use std::{
    fmt,
    io::{self, Write},
    process::ExitCode,
};

use anyhow::Context;
use zeroize::Zeroizing;

use crate::cli::Failure;

/// What a command found out.
#[derive(Default)]
pub(crate) struct Report {
    values: Vec<(String, Zeroizing<String>)>,
    mismatch: bool,
}

impl Report {
    /// Adds a value under the standard's name of it.
    pub(crate) fn with(self, name: &'static str, value: fmt::Arguments<'_>) -> Self {
        self.with_name(name, value)
    }

    /// Adds a value under a name of its own.
    pub(crate) fn with_name(mut self, name: &str, value: fmt::Arguments<'_>) -> Self {
        let value = Zeroizing::new(value.to_string());
        self.values.push((name.to_owned(), value));
        self
    }

    /// Adds the verdict on a MAC; a wrong one makes the exit status 1.
    pub(crate) fn with_verdict(self, name: &'static str, matches: bool) -> Self {
        let verdict = if matches { "verified" } else { "mismatch" };
        let mut report = self.with(name, format_args!("{verdict}"));
        report.mismatch |= !matches;
        report
    }

    /// Makes the exit status 1.
    pub(crate) fn failed(mut self) -> Self {
        self.mismatch = true;
        self
    }

    pub(crate) fn print(&self, json: bool, out: &mut impl Write) -> Result<ExitCode, Failure> {
        let printed = if json {
            self.print_json(out)
        } else {
            self.print_lines(out)
        };
        match printed {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                let error = Err(error).context("cannot write to standard output");
                error.map_err(Failure::Failed)
            }
            _ if self.mismatch => Ok(ExitCode::FAILURE),
            _ => Ok(ExitCode::SUCCESS),
        }
    }

    fn print_lines(&self, out: &mut impl Write) -> io::Result<()> {
        let names = self.values.iter().map(|(name, _)| name.chars().count());
        let width = names.max().unwrap_or_default().max(6);
        for (name, value) in &self.values {
            writeln!(out, "{name:<width$}  {}", **value)?;
        }
        Ok(())
    }

    fn print_json(&self, out: &mut impl Write) -> io::Result<()> {
        let mut object = serde_json::Map::new();
        for (name, value) in &self.values {
            let key = name.to_ascii_lowercase().replace(['-', ' '], "_");
            object.insert(key, value.as_str().into());
        }
        serde_json::to_writer(&mut *out, &object)?;
        writeln!(out)
    }
}

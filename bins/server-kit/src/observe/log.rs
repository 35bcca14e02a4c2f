//! Logs on standard error, for people or for programs.

use std::io;

use clap::{Args, ValueEnum};
use serde::{Deserialize, Serialize};
use tracing_subscriber::{EnvFilter, fmt};

use super::Scrubbed;

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Format {
    /// One line of text an event.
    Pretty,
    /// One JSON object an event.
    Json,
}

/// What is logged, and how.
#[derive(Debug, Clone, Default, Args, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct LogOptions {
    /// What to log: a level, or targets with levels, such as info,access=off
    #[arg(long, value_name = "FILTER", help_heading = "Observing")]
    pub log: Option<String>,
    /// How log lines look
    #[arg(long, value_name = "FORMAT", help_heading = "Observing")]
    pub log_format: Option<Format>,
}

impl LogOptions {
    /// Starts the log; by default that of level `info`, for people.
    ///
    /// # Errors
    /// As [`init`].
    pub fn start(&self) -> Result<(), LogError> {
        let filter = self.log.as_deref().unwrap_or("info");
        init(self.log_format.unwrap_or(Format::Pretty), filter)
    }
}

/// Why there is no log.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LogError {
    /// The filter is not like `info` or `usim_server=debug,info`.
    #[error("the log filter is malformed")]
    Filter(#[from] tracing_subscriber::filter::ParseError),
    /// Somebody else has set up a log already.
    #[error("the log is set up already")]
    Twice(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Starts the log on standard error, [scrubbed](Scrubbed), with a filter such as `info`.
///
/// # Errors
/// The filter is malformed, or a log was started before.
pub fn init(format: Format, filter: &str) -> Result<(), LogError> {
    let builder = fmt()
        .with_env_filter(filter.parse::<EnvFilter>()?)
        .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
        .with_writer(Scrubbed::new(io::stderr));
    match format {
        Format::Pretty => builder.try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    }
    .map_err(LogError::Twice)
}

//! What `key` and `subscriber` need: the same database as the server's.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use clap::Args;
use server_kit::config::DatabaseOptions;

use crate::config::{Database, locate};

/// Where a command finds what the server keeps.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct Place {
    #[command(flatten)]
    database: DatabaseOptions,
    /// The server's state folder
    #[arg(long, value_name = "DIR", help_heading = "Database")]
    state_dir: Option<PathBuf>,
}

impl Place {
    pub(super) fn database(&self) -> Result<Database> {
        let located = locate(&self.database, self.state_dir.as_deref())?;
        located.context("what is kept in memory is reached by nobody else")
    }
}

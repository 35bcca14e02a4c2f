//! What the commands beside the server need: the same database as the server's.

use std::path::PathBuf;

use anyhow::{Result, ensure};
use clap::Args;
use server_kit::config::DatabaseOptions;

use crate::config::{Kept, open};

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
    pub(super) async fn open(&self) -> Result<Kept> {
        ensure!(
            !self.database.is_memory(),
            "what is kept in memory is reached by nobody else"
        );
        open(&self.database, self.state_dir.as_deref()).await
    }
}

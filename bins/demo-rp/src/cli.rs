//! The command line.

use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use server_kit::cli;
use server_kit::config::Layers;
use server_kit::manuals;

use crate::beside::Try;
use crate::config::Options;
use crate::run;

/// A service that has people sign in, and sign documents, with passkeys
#[derive(Debug, Parser)]
#[command(name = "demo-rp", version)]
#[non_exhaustive]
pub struct Cli {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Answer browsers
    Serve(Box<Layers<Options>>),
    /// Start an identity provider as well, make this service known to it, and invite somebody
    Try(Try),
    /// Write man pages and shell completions into a folder
    #[command(hide = true)]
    Manuals {
        /// Where to.
        folder: PathBuf,
    },
}

impl Cli {
    /// Reads the command line and the environment, or says what is wrong with them and exits.
    pub fn parse_with_environment() -> Self {
        cli::parse(Self::described())
    }

    fn described() -> clap::Command {
        cli::describe::<Self, Options>(&[])
    }

    /// Does it.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(layers) => cli::serve(*layers, run),
            Command::Try(both) => both.run(),
            Command::Manuals { folder } => Ok(manuals::write(Self::described(), &folder)?),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::described().debug_assert();
    }

    #[test]
    fn every_flag_is_in_the_manual() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/demo-rp.md");
        let manual = std::fs::read_to_string(path).unwrap();
        let missing = cli::undocumented(&Cli::described(), &manual);
        assert_eq!(missing, Vec::<String>::new());
    }
}

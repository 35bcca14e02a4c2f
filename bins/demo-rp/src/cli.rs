//! The command line.

use std::io::{Write as _, stdout};
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use server_kit::config::{Effective, Layers, Settings as _, with_defaults, with_environment};
use server_kit::manuals;

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
    Serve(Box<Serve>),
    /// Write man pages and shell completions into a folder
    #[command(hide = true)]
    Manuals {
        /// Where to.
        folder: PathBuf,
    },
}

/// The settings of the service.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct Serve {
    #[command(flatten)]
    layers: Layers<Options>,
}

impl Cli {
    /// Reads the command line and the environment, or says what is wrong with them and exits.
    pub fn parse_with_environment() -> Self {
        let matches = Self::described().get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }

    fn described() -> clap::Command {
        Self::command().mut_subcommand("serve", |serve| {
            with_environment(with_defaults::<Options>(serve), Options::PROGRAM)
        })
    }

    /// Does it.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(serve) => serve.run(),
            Command::Manuals { folder } => Ok(manuals::write(Self::described(), &folder)?),
        }
    }
}

impl Serve {
    fn run(self) -> Result<()> {
        let options = match self.layers.effective()? {
            Effective::Run(options) => options,
            Effective::Print(text) => return Ok(stdout().write_all(text.as_bytes())?),
            _ => return Ok(()),
        };
        options.log.start()?;
        let mut builder = tokio::runtime::Builder::new_multi_thread();
        builder.enable_all().build()?.block_on(run(options))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
        Cli::described().debug_assert();
    }
}

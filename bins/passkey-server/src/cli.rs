//! The command line.

use std::io;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use server_kit::cli::{self, block_on, print};
use server_kit::config::Layers;
use server_kit::manuals;

use crate::config::Options;
use crate::doctor::Report;
use crate::run;

mod app;
mod key;
mod transfer;
mod user;

pub use app::AppCommand;
pub use key::KeyCommand;
pub use transfer::{ExportCommand, ImportCommand};
pub use user::UserCommand;

/// An identity provider with passkeys only: sign-ins and signed documents
#[derive(Debug, Parser)]
#[command(name = "passkey-server", version)]
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
    /// Answer browsers and clients
    Serve(Box<Layers<Options>>),
    /// The applications that ask
    App(Box<AppCommand>),
    /// The users who approve
    User(UserCommand),
    /// The keys that sign
    Key(KeyCommand),
    /// Look at the settings and at what is kept: say what is wrong and what would mend it, and exit
    /// with 1 if something is
    Doctor(Box<Layers<Options>>),
    /// Write all that lasts as JSON: clients, users, passkeys, evidence, keys
    Export(ExportCommand),
    /// Take in such a file, all of it or nothing
    Import(ImportCommand),
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
        cli::describe::<Self, Options>(&["app", "user", "key", "doctor", "export", "import"])
    }

    /// Does it.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(layers) => serve(*layers),
            Command::App(app) => Ok(print(&block_on(app.run())?)?),
            Command::User(user) => Ok(print(&block_on(user.run())?)?),
            Command::Key(key) => Ok(print(&block_on(key.run())?)?),
            Command::Doctor(layers) => doctor(*layers),
            Command::Export(export) => Ok(print(&block_on(export.run())?)?),
            Command::Import(import) => Ok(print(&block_on(import.run())?)?),
            Command::Manuals { folder } => Ok(manuals::write(Self::described(), &folder)?),
        }
    }
}

fn serve(layers: Layers<Options>) -> Result<()> {
    let Some(options) = layers.settings()? else {
        return Ok(());
    };
    options.log.start()?;
    block_on(run(options))
}

fn doctor(layers: Layers<Options>) -> Result<()> {
    let Some(options) = layers.settings()? else {
        return Ok(());
    };
    let report = block_on(async { Ok::<_, io::Error>(Report::of(options).await) })?;
    print(&report.to_string())?;
    match report.wrong() {
        0 => Ok(()),
        1 => bail!("something is wrong"),
        wrong => bail!("{wrong} things are wrong"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::described().debug_assert();
    }
}

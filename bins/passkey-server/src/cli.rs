//! The command line.

use std::io;
use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Parser, Subcommand};
use server_kit::caller::{CallerScopes, TokenCommand};
use server_kit::cli::{self, block_on, print};
use server_kit::config::Layers;
use server_kit::manuals;

use crate::config::Options;
use crate::doctor::Report;
use crate::run;
use crate::state::scope;

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
    /// Callers of `/metrics`, where the server is reached by others than this machine
    #[command(subcommand)]
    Token(TokenCommand<Scopes>),
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

/// What callers may be allowed; users have keys of their own by a [token's issuer](scope::KEYS) only.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Scopes;

impl CallerScopes for Scopes {
    const PREFIX: &'static str = "passkey";

    fn all() -> Vec<&'static str> {
        vec![scope::METRICS]
    }
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
            Command::Serve(layers) => cli::serve(*layers, run),
            Command::App(app) => Ok(print(&block_on(app.run())?)?),
            Command::User(user) => Ok(print(&block_on(user.run())?)?),
            Command::Token(token) => Ok(token.run()?),
            Command::Key(key) => Ok(print(&block_on(key.run())?)?),
            Command::Doctor(layers) => doctor(*layers),
            Command::Export(export) => Ok(print(&block_on(export.run())?)?),
            Command::Import(import) => Ok(print(&block_on(import.run())?)?),
            Command::Manuals { folder } => Ok(manuals::write(Self::described(), &folder)?),
        }
    }
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

    #[test]
    fn every_flag_is_in_the_manual() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/passkey-server.md");
        let manual = std::fs::read_to_string(path).unwrap();
        let missing = cli::undocumented(&Cli::described(), &manual);
        assert_eq!(missing, Vec::<String>::new());
    }
}

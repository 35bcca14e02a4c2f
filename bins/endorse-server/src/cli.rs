//! The command line.

use std::io::{Read as _, stdin};
use std::path::PathBuf;

use anyhow::Result;
use clap::{Parser, Subcommand};
use server_kit::caller::{CallerScopes, NewToken};
use server_kit::cli::{self, block_on, print};
use server_kit::config::Layers;
use server_kit::manuals;

use crate::app::scope;
use crate::config::Options;
use crate::run;
use crate::token::Verify;

mod key;
mod subscriber;

pub use key::KeyCommand;
pub use subscriber::SubscriberCommand;

/// Proves a SIM over any network, and answers with a signed token that anyone verifies offline
#[derive(Debug, Parser)]
#[command(name = "endorse-server", version)]
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
    /// Answer devices
    Serve(Box<Layers<Options>>),
    /// The keys that sign
    Key(KeyCommand),
    /// Whose SIMs can be proven
    Subscriber(SubscriberCommand),
    /// Tokens
    #[command(subcommand)]
    Token(TokenCommand),
    /// Write man pages and shell completions into a folder
    #[command(hide = true)]
    Manuals {
        /// Where to.
        folder: PathBuf,
    },
}

/// What to do with tokens.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum TokenCommand {
    /// Verify a token from standard input: print its claims, or the reason and exit with 1
    Verify(Verify),
    /// Make a token for a caller: it is shown once, on standard error; what the server needs to know
    /// of it goes to standard output
    New(NewToken<Scopes>),
}

/// What callers may be allowed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Scopes;

impl CallerScopes for Scopes {
    const PREFIX: &'static str = "endorse";

    fn all() -> Vec<&'static str> {
        scope::ALL.to_vec()
    }
}

impl Cli {
    /// Reads the command line and the environment, or says what is wrong with them and exits.
    pub fn parse_with_environment() -> Self {
        cli::parse(Self::described())
    }

    fn described() -> clap::Command {
        cli::describe::<Self, Options>(&["key", "subscriber"])
    }

    /// Does it.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(layers) => cli::serve(*layers, run),
            Command::Key(key) => Ok(print(&block_on(key.run())?)?),
            Command::Subscriber(subscriber) => Ok(print(&block_on(subscriber.run())?)?),
            Command::Manuals { folder } => Ok(manuals::write(Self::described(), &folder)?),
            Command::Token(TokenCommand::New(new)) => Ok(new.run(&[])?),
            Command::Token(TokenCommand::Verify(verify)) => {
                let mut token = String::new();
                stdin().take(1 << 16).read_to_string(&mut token)?;
                Ok(print(&format!("{}\n", verify.run(&token)?))?)
            }
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
}

//! The command line.

use std::io::{Read as _, Write as _, stderr, stdin};
use std::path::PathBuf;

use anyhow::Result;
use clap::builder::PossibleValuesParser;
use clap::{Args, Parser, Subcommand};
use server_kit::caller::{Entry, Token};
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
    New(NewToken),
}

/// A caller to be.
#[derive(Args, Debug)]
#[non_exhaustive]
pub struct NewToken {
    /// The caller's name, for the audit trail
    pub name: String,
    /// What it allows; may be given again
    #[arg(long, required = true, value_parser = PossibleValuesParser::new(scope::ALL))]
    pub scope: Vec<String>,
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
            Command::Serve(layers) => serve(*layers),
            Command::Key(key) => Ok(print(&block_on(key.run())?)?),
            Command::Subscriber(subscriber) => Ok(print(&block_on(subscriber.run())?)?),
            Command::Manuals { folder } => Ok(manuals::write(Self::described(), &folder)?),
            Command::Token(TokenCommand::New(new)) => Ok(print(&new.run()?)?),
            Command::Token(TokenCommand::Verify(verify)) => {
                let mut token = String::new();
                stdin().take(1 << 16).read_to_string(&mut token)?;
                Ok(print(&format!("{}\n", verify.run(&token)?))?)
            }
        }
    }
}

impl NewToken {
    /// Tells the token, and what the server needs to know of it.
    fn run(self) -> Result<String> {
        let token = Token::generate("endorse")?;
        let table = Entry::for_token(&self.name, token.digest(), self.scope).to_toml()?;
        let (name, token) = (self.name, token.expose());
        writeln!(
            stderr(),
            "The token of {name}, which is not shown again:\n{token}"
        )?;
        Ok(table)
    }
}

fn serve(layers: Layers<Options>) -> Result<()> {
    let Some(options) = layers.settings()? else {
        return Ok(());
    };
    options.log.start()?;
    block_on(run(options))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::described().debug_assert();
    }
}

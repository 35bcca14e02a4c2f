//! The command line.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use server_kit::{
    caller::{CallerScopes, NewToken, NoToken},
    cli,
    config::{Layers, Settings as _, with_defaults, with_environment},
};

use crate::{config::Options, state::scope};

/// Share SIMs over HTTPS
#[derive(Debug, Parser)]
#[command(version, args_conflicts_with_subcommands = true)]
#[non_exhaustive]
pub struct Cli {
    /// What is done instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// The settings.
    #[command(flatten)]
    pub layers: Layers<Options>,
}

/// What else the program does.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum Command {
    /// Make tokens for callers
    #[command(subcommand)]
    Token(TokenCommand),
    /// Write man pages and shell completions into a folder
    #[command(hide = true)]
    Manuals {
        /// Where to.
        folder: PathBuf,
    },
}

/// What is done with tokens.
#[derive(Debug, Subcommand)]
#[non_exhaustive]
pub enum TokenCommand {
    /// Make a token: it is shown once, on standard error; what the server needs to know of it goes
    /// to standard output
    New(NewSimToken),
}

/// A token to be made.
#[derive(Debug, Args)]
#[non_exhaustive]
pub struct NewSimToken {
    /// Whose, and what it allows.
    #[command(flatten)]
    pub token: NewToken<Scopes>,
    /// A SIM that it is for, by ICCID, name, alias or index; all of them without; may be given again
    #[arg(long, value_name = "SIM")]
    pub sim: Vec<String>,
}

/// What callers may be allowed.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Scopes;

impl CallerScopes for Scopes {
    const PREFIX: &'static str = "usim";

    fn all() -> Vec<&'static str> {
        scope::ALL.to_vec()
    }
}

impl Cli {
    /// Reads the command line and the environment, or says what is wrong with them and exits.
    pub fn parse_with_environment() -> Self {
        cli::parse(Self::described())
    }
}

impl Cli {
    /// The command line with the defaults and the names in the environment.
    pub fn described() -> clap::Command {
        let command = with_defaults::<Options>(Self::command());
        with_environment(command, Options::PROGRAM)
    }
}

impl TokenCommand {
    /// Does it.
    ///
    /// # Errors
    /// [`NoToken`].
    pub fn run(&self) -> Result<(), NoToken> {
        let Self::New(new) = self;
        new.token.run(&new.sim)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
        with_environment(Cli::command(), Options::PROGRAM).debug_assert();
    }

    #[test]
    fn an_unknown_scope_is_refused() {
        let parsed = Cli::try_parse_from(["usim-server", "token", "new", "x", "--scope", "all"]);
        assert_eq!(
            parsed.unwrap_err().kind(),
            clap::error::ErrorKind::InvalidValue
        );
    }
}

//! The command line.

use std::path::PathBuf;

use clap::{Args, CommandFactory as _, Parser, Subcommand};
use server_kit::{
    caller::{Entry, Token},
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
    New(NewToken),
}

/// A token to be made.
#[derive(Debug, Args)]
#[non_exhaustive]
pub struct NewToken {
    /// The caller's name, for the audit trail
    pub name: String,
    /// What it allows: sim:read, sim:authenticate, sim:apdu; may be given again
    #[arg(long, required = true, value_parser = clap::builder::PossibleValuesParser::new(scope::ALL))]
    pub scope: Vec<String>,
    /// A SIM that it is for, by ICCID, name, alias or index; all of them without; may be given again
    #[arg(long, value_name = "SIM")]
    pub sim: Vec<String>,
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

impl NewToken {
    /// Makes the token and the `[[caller]]` table for the server.
    ///
    /// # Errors
    /// The system has no randomness to give.
    pub fn make(&self) -> anyhow::Result<(Token, String)> {
        let token = Token::generate("usim")?;
        let entry = Entry::for_token(&self.name, token.digest(), self.scope.clone());
        let entry = match self.sim.as_slice() {
            [] => entry,
            sims => entry.only(sims.to_vec()),
        };
        Ok((token, entry.to_toml()?))
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
    fn a_token_comes_with_the_table_that_knows_it() {
        let cli = Cli::parse_from([
            "usim-server",
            "token",
            "new",
            "lab",
            "--scope",
            "sim:read",
            "--sim",
            "soft:0",
        ]);
        let Some(Command::Token(TokenCommand::New(new))) = cli.command else {
            panic!("expected token new");
        };
        let (token, table) = new.make().unwrap();
        let digest = hex::encode(token.digest());
        assert_eq!(
            table,
            format!(
                "[[caller]]\nname = \"lab\"\ntoken-sha256 = \"{digest}\"\n\
                 scopes = [\"sim:read\"]\nonly = [\"soft:0\"]\n"
            )
        );
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

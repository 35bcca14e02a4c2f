//! The command line.

use std::io::{Write as _, stdout};
use std::path::PathBuf;

use anyhow::Result;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use server_kit::config::{Effective, Layers, Settings as _, with_defaults, with_environment};
use server_kit::manuals;

use crate::config::Options;
use crate::run;

mod app;
mod key;
mod place;
mod user;

pub use app::AppCommand;
pub use key::KeyCommand;
pub use place::Place;
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
    Serve(Box<Serve>),
    /// The applications that ask
    App(AppCommand),
    /// The users who approve
    User(UserCommand),
    /// The keys that sign
    Key(KeyCommand),
    /// Write man pages and shell completions into a folder
    #[command(hide = true)]
    Manuals {
        /// Where to.
        folder: PathBuf,
    },
}

/// The settings of the server.
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
        let environment = |command| with_environment(command, Options::PROGRAM);
        Self::command()
            .mut_subcommand("serve", |serve| {
                environment(with_defaults::<Options>(serve))
            })
            .mut_subcommand("app", environment)
            .mut_subcommand("user", environment)
            .mut_subcommand("key", environment)
    }

    /// Does it.
    ///
    /// # Errors
    /// What went wrong, for a person.
    pub fn run(self) -> Result<()> {
        match self.command {
            Command::Serve(serve) => serve.run(),
            Command::App(app) => print(&block_on(app.run())?),
            Command::User(user) => print(&block_on(user.run())?),
            Command::Key(key) => print(&block_on(key.run())?),
            Command::Manuals { folder } => Ok(manuals::write(Self::described(), &folder)?),
        }
    }
}

impl Serve {
    fn run(self) -> Result<()> {
        let options = match self.layers.effective()? {
            Effective::Run(options) => options,
            Effective::Print(text) => return print(&text),
            _ => return Ok(()),
        };
        options.log.start()?;
        block_on(run(options))
    }
}

fn block_on<T>(task: impl Future<Output = Result<T>>) -> Result<T> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().build()?.block_on(task)
}

fn print(text: &str) -> Result<()> {
    Ok(stdout().write_all(text.as_bytes())?)
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

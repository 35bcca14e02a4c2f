//! The command line of a server, from arguments to an exit code.
//!
//! ```
//! use clap::{Args, Parser, Subcommand};
//! use serde::{Deserialize, Serialize};
//! use server_kit::{cli, config::{Layers, Settings}};
//!
//! #[derive(Debug, Default, Args, Serialize, Deserialize)]
//! struct Options {
//!     /// How many
//!     #[arg(long)]
//!     many: Option<u32>,
//! }
//!
//! impl Settings for Options {
//!     const PROGRAM: &'static str = "demo-server";
//!     fn defaults() -> Self {
//!         Self { many: Some(3) }
//!     }
//! }
//!
//! #[derive(Parser)]
//! struct Cli {
//!     #[command(subcommand)]
//!     command: Command,
//! }
//!
//! #[derive(Subcommand)]
//! enum Command {
//!     /// Answer
//!     Serve(Layers<Options>),
//! }
//!
//! let described = cli::describe::<Cli, Options>(&[]);
//! let serve = described.find_subcommand("serve").expect("as above");
//! let many = serve.get_arguments().find(|arg| arg.get_long() == Some("many")).expect("as above");
//! assert_eq!(many.get_env().expect("has one"), "DEMO_SERVER_MANY");
//! assert_eq!(many.get_help().expect("has one").to_string(), "How many [default: 3]");
//! ```

use std::{
    fmt::Display,
    io::{self, Write as _},
    process::ExitCode,
};

use clap::{Command, CommandFactory, FromArgMatches};

use crate::config::{Settings, with_defaults, with_environment};

/// A command line whose `serve`, and the commands named `beside` it, tell the settings' defaults in
/// the help and take them from the environment.
pub fn describe<C: CommandFactory, T: Settings>(beside: &[&str]) -> Command {
    let settings = |command| with_environment(with_defaults::<T>(command), T::PROGRAM);
    let commands = beside.iter().chain([&"serve"]);
    commands.fold(C::command(), |command, name| {
        command.mut_subcommand(name, settings)
    })
}

/// Reads the arguments and the environment, or says what is wrong with them and exits.
pub fn parse<C: FromArgMatches>(described: Command) -> C {
    let matches = described.get_matches();
    C::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}

/// Says on standard error what went wrong, with its causes, and with what code to exit.
pub fn exit<E: Display>(program: &str, ended: Result<(), E>) -> ExitCode {
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // nobody is left to be told that standard error is closed
            drop(writeln!(io::stderr(), "{program}: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Runs a task on as many threads as there are processors.
///
/// # Errors
/// The task's, or there are no threads.
pub fn block_on<T, E: From<io::Error>>(task: impl Future<Output = Result<T, E>>) -> Result<T, E> {
    let mut builder = tokio::runtime::Builder::new_multi_thread();
    builder.enable_all().build()?.block_on(task)
}

/// Writes to standard output.
///
/// # Errors
/// It is closed.
pub fn print(text: &str) -> io::Result<()> {
    io::stdout().write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_becomes_a_failure_and_success_does_not() {
        assert_eq!(exit("kit-demo", Ok::<(), &str>(())), ExitCode::SUCCESS);
        assert_eq!(exit("kit-demo", Err("so")), ExitCode::FAILURE);
    }

    #[test]
    fn a_task_runs_to_its_end() {
        let ended = block_on(async { Ok::<_, io::Error>(3) });
        assert_eq!(ended.unwrap(), 3);
    }
}

//! The command line of a server, from arguments to an exit code.
//!
//! ```
//! use clap::{Args, Parser, Subcommand};
//! use serde::{Deserialize, Serialize};
//! use server_kit::{cli, config::{Layers, Settings}, observe::LogOptions};
//!
//! #[derive(Debug, Default, Args, Serialize, Deserialize)]
//! struct Options {
//!     /// How many
//!     #[arg(long)]
//!     many: Option<u32>,
//!     #[command(flatten)]
//!     #[serde(flatten)]
//!     log: LogOptions,
//! }
//!
//! impl Settings for Options {
//!     const PROGRAM: &'static str = "demo-server";
//!     fn defaults() -> Self {
//!         Self { many: Some(3), log: LogOptions::default() }
//!     }
//!     fn log(&self) -> &LogOptions {
//!         &self.log
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

use clap::{Arg, Command, CommandFactory, FromArgMatches};

use crate::{
    config::{ConfigError, Layers, Settings, with_defaults, with_environment},
    observe::LogError,
};

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

/// Runs a server with the settings in effect and logs as they say, or prints them if that is all that
/// was asked.
///
/// # Errors
/// The settings are wrong, or what `run` says.
pub fn serve<T, E, F>(layers: Layers<T>, run: impl FnOnce(T) -> F) -> Result<(), E>
where
    T: Settings,
    F: Future<Output = Result<(), E>>,
    E: From<ConfigError> + From<LogError> + From<io::Error>,
{
    let Some(settings) = layers.settings()? else {
        return Ok(());
    };
    settings.log().start()?;
    block_on(run(settings))
}

/// The flags of `command` and of its subcommands that have no help, or that `manual` does not name.
pub fn undocumented(command: &Command, manual: &str) -> Vec<String> {
    let of = |arg: &Arg| {
        let flag = format!("--{}", arg.get_long()?);
        let goes_on =
            |rest: &str| rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
        let mut found = manual.match_indices(&flag);
        let is_named = found.any(|(at, _)| {
            let rest = at.checked_add(flag.len()).and_then(|end| manual.get(end..));
            rest.is_some_and(|rest| !goes_on(rest))
        });
        let is_described = arg.get_help().is_some() && is_named;
        (!is_described).then(|| format!("{} {flag}", command.get_name()))
    };
    let flags = command.get_arguments().filter(|arg| !arg.is_hide_set());
    let below = command.get_subcommands().filter(|sub| !sub.is_hide_set());
    let below = below.flat_map(|sub| undocumented(sub, manual));
    flags.filter_map(of).chain(below).collect()
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
    fn a_flag_is_named_whole_and_has_help() {
        let flag = |name| Arg::new(name).long(name);
        let command = Command::new("demo")
            .arg(flag("rate").help("How often"))
            .subcommand(Command::new("sub").arg(flag("quiet")));
        let manual = "`--rate-per-peer N` and `--quiet`";
        assert_eq!(
            undocumented(&command, manual),
            ["demo --rate", "sub --quiet"]
        );
        let manual = "`--rate-per-peer N`, `--rate N` and `--quiet`";
        assert_eq!(undocumented(&command, manual), ["sub --quiet"]);
    }

    #[test]
    fn a_task_runs_to_its_end() {
        let ended = block_on(async { Ok::<_, io::Error>(3) });
        assert_eq!(ended.unwrap(), 3);
    }
}

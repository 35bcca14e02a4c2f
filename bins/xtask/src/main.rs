//! The project's own chores: `cargo xtask demo`, `cargo xtask test` and their smaller relatives.
//!
//! Where things are: one module a subcommand (`demo`, `test`, `setup`, `bench`, `fuzz`, `manuals`);
//! [`step`] says what a test run consists of, [`guards`] and [`suites`] hold the
//! steps; [`invocation`] runs a program, [`console`] shows progress, [`machine`] says what is
//! installed. It uses the standard library alone, so that it builds in a second or two.
#![expect(
    clippy::print_stdout,
    reason = "a command-line program talks on standard output"
)]

use std::process::ExitCode;

mod arguments;
mod bench;
mod console;
mod demo;
mod fuzz;
mod guards;
mod invocation;
mod machine;
mod manuals;
mod setup;
mod step;
mod suites;
mod tally;
mod test;
mod tools;
mod workspace;

use arguments::Arguments;

const HELP: &str = "\
The project's own chores.

Usage: cargo xtask <COMMAND> [OPTIONS]

Commands:
  demo      Build and run the whole story on the software SIM; needs no card and no package
  test      Install what the tests need, then run everything: guards, tests, counterparts, fuzzing
  setup     Only install what the tests need
  bench     Run the benchmarks
  fuzz      Fuzz the parsers
  manuals   Write man pages and shell completions

`cargo xtask <COMMAND> --help` says more.";

fn main() -> ExitCode {
    let mut arguments = Arguments::from_command_line();
    let outcome = match arguments.command().as_deref() {
        Some("demo") => demo::run(arguments),
        Some("test") => test::run(arguments),
        Some("setup") => setup::run(arguments),
        Some("bench") => bench::run(arguments),
        Some("fuzz") => fuzz::run(arguments),
        Some("manuals") => manuals::run(arguments),
        None | Some("help" | "--help" | "-h") => {
            println!("{HELP}");
            Ok(())
        }
        Some(other) => Err(format!("there is no command `{other}`\n\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

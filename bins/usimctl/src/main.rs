//! `usimctl`: talk to a SIM from the command line.

mod bridge;
mod cli;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let is_for_programs = cli.is_for_programs();
    match cli.run() {
        Ok(exit) => exit.into(),
        Err(failure) if is_for_programs => failure.print_json(),
        Err(failure) => {
            eprintln!("usimctl: {failure}");
            failure.exit().into()
        }
    }
}

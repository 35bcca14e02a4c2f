//! `usimctl`: talk to a SIM from the command line.

mod bridge;
mod cli;

use std::process::ExitCode;

use clap::Parser;

use cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(exit) => exit.into(),
        Err(failure) => {
            eprintln!("usimctl: {failure}");
            failure.exit().into()
        }
    }
}

//! `endorse-server`: SIM challenge in, signed token out.

use std::process::ExitCode;

use clap::Parser as _;
use endorse_server::cli::Cli;

fn main() -> ExitCode {
    match Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("endorse-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}
